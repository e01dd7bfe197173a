/**
 * A WASI command ends with its one call, so its steady state needs many calls of `_start` on one instance, each from the
 * same state. Memory can be set back from outside; for the globals (the stack pointer) they are exported under names of
 * our own. Programs that change anything else get fresh instances instead.
 */
import { BodyReader } from '../wasm/body.ts';
import { decodeModule, SECTION } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Writer } from '../wasm/writer.ts';

const PREFIX = 'wynamo bench global ';

/** What cannot be undone from outside. */
const LASTING = /^(table\.(set|grow|fill|copy|init)|elem\.drop|data\.drop)$/;

function settable(module: WasmModule): boolean {
  const [memory, more] = module.memories;
  if (!memory || more || memory.imported || memory.i64 || memory.shared) return false;
  if (module.start !== null || !module.exports.some((e) => e.kind === 'memory')) return false;
  if (module.globals.some((g) => g.mutable && (g.imported || !/^[if](32|64)$/.test(String(g.type))))) return false;
  for (let i = 0; i < module.code.length; i++) {
    const body = new BodyReader(module, module.importedFunctions + i);
    while (body.next()) if (LASTING.test(body.op.name)) return false;
  }
  return true;
}

/** The module with its mutable globals exported; null for a program that cannot be set back. */
export function resettable(bytes: Uint8Array): Uint8Array | null {
  const module = decodeModule(bytes);
  if (!settable(module)) return null;
  const section = module.sections.find((s) => s.id === SECTION.export);
  if (!section) return null;
  const contents = new Writer();
  const globals = module.globals.flatMap((g, i) => (g.mutable ? [i] : []));
  contents.u32(module.exports.length + globals.length);
  for (const e of module.exports) {
    contents.name(e.name).u8(['func', 'table', 'memory', 'global', 'tag'].indexOf(e.kind)).u32(e.index);
  }
  for (const index of globals)
    contents
      .name(PREFIX + index)
      .u8(3)
      .u32(index);
  const inside = contents.finish();
  const out = new Writer();
  // A section's range is its contents; what precedes it are its id and its size.
  const before = module.sections[module.sections.indexOf(section) - 1];
  out
    .raw(bytes.subarray(0, before ? before.end : 8))
    .u8(SECTION.export)
    .u32(inside.length)
    .raw(inside);
  return out.raw(bytes.subarray(section.end)).finish();
}

/** Remembers the state of a fresh instance; the function that comes back restores it. */
export function rememberState(exports: WebAssembly.Exports): () => void {
  const memory = Object.values(exports).find((e) => e instanceof WebAssembly.Memory)!;
  const image = new Uint8Array(memory.buffer).slice();
  const globals = Object.entries(exports).flatMap(([name, e]) =>
    name.startsWith(PREFIX) && e instanceof WebAssembly.Global ? [{ global: e, value: e.value }] : [],
  );
  return () => {
    const now = new Uint8Array(memory.buffer);
    now.set(image);
    // A memory does not shrink; what it grew by is empty again.
    now.fill(0, image.length);
    for (const { global, value } of globals) global.value = value;
  };
}
