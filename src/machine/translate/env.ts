/** What a translation needs, and what it gives. */
import type { WasmModule } from '../../wasm/module.ts';
import type { ValType } from '../../wasm/row.ts';
import type { ArmSet } from '../arm.ts';
import type { Signature } from '../arms/call.ts';
import type { OnSegment } from '../arms/table.ts';
import type { CodeBuffer } from '../code-buffer.ts';
import type { SegmentKind } from '../dropped.ts';
import type { Handler } from '../handlers.ts';

/** What the translator asks about the module. */
export interface TranslateEnv {
  module: WasmModule;
  arms: ArmSet;
  /** Types as frames keep them: references by the top of their hierarchy. */
  signature(func: number): Signature;
  typeSignature(type: number): Signature;
  /** Types as they are declared. */
  exactSignature(type: number): Signature;
  /** Equal numbers for structurally equal function types. */
  canonical(type: number): number;
  /** First trigger of loop heads and function entries. */
  headTrigger: number;
  enterTrigger: number;
  /** Growing a memory needs permission. */
  memoryLimited: boolean;
  /** What an instruction on a segment needs; `key`: name and immediates. */
  segment(kind: SegmentKind, index: number, key: string): OnSegment;
}

export interface Translation {
  code: CodeBuffer;
  /** Frame bytes of the function. */
  frameBytes: number;
  /** Byte offset and type of each local. */
  locals: { off: number; type: ValType }[];
  /** Loop heads: word index and guest offset. */
  loops: { word: number; offset: number }[];
  /** Code protected by exception handlers. */
  handlers: Handler[];
}
