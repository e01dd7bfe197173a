/**
 * A module with the code of a few functions, so that one of megabytes is compiled in no time. What these call directly stays,
 * and what that calls, because the optimizing compiler may inline it. The rest calls itself: that is short, and unlike a trap
 * it tells the compiler nothing about what follows such a call.
 */
import { BodyReader } from '../wasm/body.ts';
import { SECTION } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Writer } from '../wasm/writer.ts';

/** How far calls are followed from the wanted functions. */
const DEPTH = 2;
const [LOCAL_GET, CALL, END] = [0x20, 0x10, 0x0b];

/** The name section goes: functions are then printed without names and known by index. */
export function slimModule(module: WasmModule, wanted: ReadonlySet<number>): Uint8Array {
  const kept = withCallees(module, wanted);
  const code = new Writer();
  code.u32(module.code.length);
  module.code.forEach((range, i) => {
    const func = module.importedFunctions + i;
    code.sized(kept.has(func) ? new Writer().raw(module.bytes.subarray(range.start, range.end)) : stub(module, func));
  });
  const out = new Writer();
  out.raw(module.bytes.subarray(0, 8));
  for (const s of module.sections) {
    // Branch hints matter to the code; other custom sections do not.
    if (s.id === SECTION.custom && s.name !== 'metadata.code.branch_hint') continue;
    out.u8(s.id);
    if (s.id === SECTION.code) out.sized(code);
    else {
      const contents = new Writer();
      if (s.name !== undefined) contents.name(s.name);
      out.sized(contents.raw(module.bytes.subarray(s.start, s.end)));
    }
  }
  return out.finish();
}

function withCallees(module: WasmModule, wanted: ReadonlySet<number>): Set<number> {
  const kept = new Set(wanted);
  let last: ReadonlySet<number> = wanted;
  for (let depth = 0; depth < DEPTH; depth++) {
    const next = new Set<number>();
    for (const func of last) {
      const body = new BodyReader(module, func);
      while (body.next()) {
        if (body.op.name !== 'call' && body.op.name !== 'return_call') continue;
        if (body.a >= module.importedFunctions && !kept.has(body.a)) next.add(body.a);
      }
    }
    for (const func of next) kept.add(func);
    last = next;
  }
  return kept;
}

/** A body that passes its params to the same function. */
function stub(module: WasmModule, func: number): Writer {
  const type = module.types[module.functions[func]!];
  const w = new Writer().u8(0);
  const params = type?.kind === 'func' ? type.params.length : 0;
  for (let i = 0; i < params; i++) w.u8(LOCAL_GET).u32(i);
  return w.u8(CALL).u32(func).u8(END);
}
