/**
 * The guest's own code beside a trace, as text with the place of every instruction:
 *
 *     (func $crc32 (param i32 i32) (result i32) (local i32)
 *     +0x5e    loop
 *     +0x60      local.get 2
 *     ...
 *
 * Functions of up to 400 instructions come whole, of larger ones what lies around the places of the trace.
 */
import type { Stats } from '../profile/schema.ts';
import { offsetsIn } from '../source/annotate.ts';
import { BodyReader } from '../wasm/body.ts';
import { decodeModule } from '../wasm/decode.ts';
import { type DisasmLine, disassemble } from '../wasm/disasm.ts';
import { functionAt } from '../wasm/function-at.ts';
import type { WasmModule } from '../wasm/module.ts';
import { shownName } from '../wasm/names.ts';

/** Larger functions are cut to the surroundings of the trace. */
const WHOLE = 400;
/** Instructions shown before and behind each place of the trace. */
const AROUND = 4;

/** Fills in `code.guest` of every fragment whose run left it empty. `bytes`: the module that ran. */
export function addGuestText(stats: Stats, bytes: Uint8Array): void {
  const wanted = stats.fragments.filter((f) => f.code?.guest === '');
  if (wanted.length === 0) return;
  const module = decodeModule(bytes);
  const listings = new Map<number, DisasmLine[]>();
  for (const f of wanted) {
    f.code!.guest = guestText(module, [f.offset, ...offsetsIn(f.code!.trace)], listings);
  }
}

/** Text of the functions that hold these byte offsets, in the order of their first offset. */
export function guestText(
  module: WasmModule,
  offsets: readonly number[],
  listings = new Map<number, DisasmLine[]>(),
): string {
  const places = new Map<number, Set<number>>();
  for (const offset of offsets) {
    const func = functionAt(module, offset);
    if (func === null) continue;
    if (!places.has(func)) places.set(func, new Set());
    places.get(func)!.add(offset);
  }
  const out: string[] = [];
  for (const [func, at] of places) {
    if (!listings.has(func)) listings.set(func, disassemble(module, func));
    out.push(header(module, func), ...cut(listings.get(func)!, at), '');
  }
  return out.join('\n');
}

function header(module: WasmModule, func: number): string {
  const type = module.types[module.functions[func]!];
  const [params, results] = type?.kind === 'func' ? [type.params, type.results] : [[], []];
  const locals = new BodyReader(module, func).locals.slice(params.length);
  const part = (name: string, types: readonly string[]) => (types.length > 0 ? ` (${name} ${types.join(' ')})` : '');
  const name = shownName(module, func);
  return `(func $${name}${part('param', params)}${part('result', results)}${part('local', locals)}`;
}

function cut(lines: readonly DisasmLine[], at: ReadonlySet<number>): string[] {
  const width = (lines.at(-1)?.offset ?? 0).toString(16).length + 3;
  const text = (l: DisasmLine, outer: number) =>
    `+0x${l.offset.toString(16)}`.padEnd(width) + '  '.repeat(l.depth - outer + 1) + l.text;
  if (lines.length <= WHOLE) return lines.map((l) => text(l, 0));
  const out: string[] = [];
  let end = 0;
  for (const [from, to] of windows(lines, at)) {
    if (from > end) out.push(`${' '.repeat(width)}  ;; ${from - end} instructions`);
    const part = lines.slice(from, to);
    // Each part starts at the left: the body of an interpreter lies hundreds of blocks deep.
    const outer = Math.min(...part.map((l) => l.depth));
    out.push(...part.map((l) => text(l, outer)));
    end = to;
  }
  if (end < lines.length) out.push(`${' '.repeat(width)}  ;; ${lines.length - end} instructions`);
  return out;
}

/** Ranges of lines around the places, joined where they touch. */
function windows(lines: readonly DisasmLine[], at: ReadonlySet<number>): [from: number, to: number][] {
  const out: [number, number][] = [];
  lines.forEach((l, i) => {
    if (!at.has(l.offset)) return;
    const from = Math.max(0, i - AROUND);
    const to = Math.min(lines.length, i + AROUND + 1);
    const last = out.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else out.push([from, to]);
  });
  return out;
}
