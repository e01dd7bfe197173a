/** What a pass is, and what it gets and gives. */
import type { Region } from '../ir/ir.ts';
import type { Folder } from './folder.ts';

/** Handed to each pass. */
export interface PassContext {
  /** Executes one instruction on constants. */
  readonly folder: Folder;
  /** Counts one firing of the rule `id` (the report shows them by pass). */
  fired(id: string): void;
  /** True when no rule may begin to fire any more; see `fuel.ts`. */
  readonly spent: boolean;
  /** True where the rule may fire: it is not switched off, and there is fuel. Asked before each change. */
  may(id: string): boolean;
}

/** One pass: one file in `passes/` and one line in the catalogue. */
export interface Pass {
  /** Name on the command line and in reports. */
  readonly name: string;
  /** One sentence for `--help` and the docs. */
  readonly doc: string;
  /** All that `fired` may be called with; a test checks that the suite fires each. */
  readonly rules?: readonly string[];
  run(region: Region, context: PassContext): void;
}

/** What one run of a pass did. */
export interface PassReport {
  readonly name: string;
  /** Instructions that were there before and not after, and the reverse. */
  readonly removed: number;
  readonly added: number;
  readonly ms: number;
  readonly rules: Record<string, number>;
}
