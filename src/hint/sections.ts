/**
 * A module with a profile written into it: custom sections of code metadata in front of the code section, everything else
 * as it was, byte for byte. An engine that does not know them ignores them.
 *
 * - `metadata.code.branch_hint` (branch hinting, WebAssembly 3.0): likely or unlikely, at `if` and `br_if`.
 * - `metadata.code.compilation_priority`, `metadata.code.instr_freq`, `metadata.code.call_targets` (compilation hints
 *   proposal): which functions are worth optimizing at once, how often calls are executed for each entry of their function,
 *   and where indirect calls lead.
 */
import { SECTION } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Writer } from '../wasm/writer.ts';

/** Hints of a kind at one instruction of a function. */
export interface CodeHint {
  /** Byte offset in the module. */
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface FunctionHints {
  readonly func: number;
  /** Ascending by offset. */
  readonly hints: readonly CodeHint[];
}

export interface Hints {
  readonly branches: readonly FunctionHints[];
  readonly frequencies: readonly FunctionHints[];
  readonly targets: readonly FunctionHints[];
  /** Functions that are worth optimizing, ascending. */
  readonly hot: readonly number[];
}

const NAMES = {
  branches: 'metadata.code.branch_hint',
  frequencies: 'metadata.code.instr_freq',
  targets: 'metadata.code.call_targets',
  hot: 'metadata.code.compilation_priority',
} as const satisfies Record<keyof Hints, string>;

/** The module with these hints instead of those of the same kinds that it had. */
export function addHints(module: WasmModule, hints: Hints): Uint8Array<ArrayBuffer> {
  const { bytes, sections } = module;
  const out = new Writer();
  const ours = new Set<string>(Object.values(NAMES));
  const custom = (name: string, content: Writer) => {
    out.u8(SECTION.custom).sized(new Writer().name(name).raw(content.view()));
  };
  let from = 0;
  for (const [i, section] of sections.entries()) {
    const start = i === 0 ? 8 : (sections[i - 1] as { end: number }).end;
    if (section.name !== undefined && ours.has(section.name)) {
      out.raw(bytes.subarray(from, start));
      from = section.end;
    }
    if (section.id !== SECTION.code) continue;
    out.raw(bytes.subarray(from, start));
    from = start;
    for (const kind of ['branches', 'frequencies', 'targets'] as const) {
      if (hints[kind].length > 0) custom(NAMES[kind], codeMetadata(module, hints[kind]));
    }
    if (hints.hot.length > 0) custom(NAMES.hot, priorities(hints.hot));
  }
  return out.raw(bytes.subarray(from)).finish();
}

/** Offsets count from the beginning of the body, where its locals are. */
function codeMetadata(module: WasmModule, list: readonly FunctionHints[]): Writer {
  const w = new Writer().u32(list.length);
  for (const { func, hints } of list) {
    const { start } = module.code[func - module.importedFunctions] as { start: number };
    w.u32(func).u32(hints.length);
    for (const { offset, data } of hints)
      w.u32(offset - start)
        .u32(data.length)
        .raw(data);
  }
  return w;
}

/** One hint a function, at offset 0, without the count that the other sections have: priorities of compilation and optimization. */
function priorities(hot: readonly number[]): Writer {
  const w = new Writer().u32(hot.length);
  for (const func of hot) w.u32(func).u32(0).u32(2).u8(0).u8(1);
  return w;
}
