/**
 * What the machine code of fragments shows beside that of the guest's own functions: for each innermost loop, what it is made of
 * and how often the engine unrolled it. Loops are the same where they belong to the same loop of the guest, which the positions
 * in the engine's listings tell: that of the loop's look for interrupts, else those of its accesses.
 */
import type { AsmLoop, FragmentAsm } from '../profile/schema.ts';
import { decodeModule } from '../wasm/decode.ts';
import { functionAt } from '../wasm/function-at.ts';
import type { WasmModule } from '../wasm/module.ts';
import { shownName } from '../wasm/names.ts';
import { machineCode } from './engine.ts';
import { GuestLoops } from './guest-loops.ts';
import type { MachineFunction } from './listing.ts';
import { innermostLoops, type MachineLoop, unrolling } from './loops.ts';
import { slimModule } from './slim.ts';

/** A fragment whose machine code is wanted. */
export interface Emitted {
  readonly id: number;
  /** Its module, whose function is named `T12 ...`. */
  readonly wasm: Uint8Array;
  /** Its text, whose comments name the guest's instructions. */
  readonly wat: string;
  /** Byte offset in the guest where it begins. */
  readonly offset: number;
}

/** A function of machine code with the guest's byte offsets of its positions, and its loops by the guest's. */
interface Placed {
  readonly code: MachineFunction;
  readonly place: (position: number) => number | null;
  readonly loops: readonly { loop: MachineLoop; guest: number | null }[];
}

/** By fragment. Fragments whose code the engine did not print are missing. */
export function compareCode(guest: Uint8Array, emitted: readonly Emitted[]): Map<number, FragmentAsm> {
  const module = decodeModule(guest);
  const loops = new GuestLoops(module);
  const compiled = machineCode(emitted.map((e) => e.wasm));
  const fragments = new Map<number, Placed>();
  const wanted = new Set<number>();
  for (const e of emitted) {
    const code = compiled.find((f) => f.name.startsWith(`T${e.id} `));
    if (!code) continue;
    const place = fragmentPlaces(e, code);
    const placed = { code, place, loops: fragmentLoops(code, place, loops, e.offset) };
    fragments.set(e.id, placed);
    for (const offset of [e.offset, ...placed.loops.flatMap((l) => l.guest ?? [])]) {
      const func = functionAt(module, offset);
      if (func !== null) wanted.add(func);
    }
  }
  const native = nativeFunctions(module, wanted, loops);
  return new Map([...fragments].map(([id, placed]) => [id, beside(module, placed, native)]));
}

function fragmentPlaces({ wasm, wat }: Emitted, code: MachineFunction): Placed['place'] {
  const module = decodeModule(wasm);
  const start = module.code[code.index - module.importedFunctions]?.start ?? 0;
  const places = new Map<number, number>();
  for (const [, at, offset] of wat.matchAll(/^([0-9a-f]{6,}) .*;; .*\+0x([0-9a-f]+)$/gm))
    places.set(Number.parseInt(at!, 16), Number.parseInt(offset!, 16));
  return (position) => places.get(start + position) ?? null;
}

function nativeFunctions(module: WasmModule, wanted: ReadonlySet<number>, loops: GuestLoops): Placed[] {
  if (wanted.size === 0) return [];
  return machineCode([slimModule(module, wanted)])
    .filter((f) => wanted.has(f.index))
    .map((code) => {
      const start = module.code[code.index - module.importedFunctions]!.start;
      const place = (position: number) => start + position;
      return { code, place, loops: nativeLoops(code, place, loops) };
    });
}

type Loops = Placed['loops'];

/** The guest's loop around what a position stands for. */
const around = (guest: GuestLoops, place: Placed['place']) => (position: number) => {
  const offset = place(position);
  return offset === null ? null : guest.around(offset);
};

/** By accesses: of several loops the innermost, because code of outer ones is moved inwards only where these are entered. */
function byAccess({ positions }: MachineLoop, of: (position: number) => number | null): number | null {
  const all = positions.map(of).filter((offset) => offset !== null);
  return all.length > 0 ? Math.max(...all) : null;
}

/**
 * Loops of the guest's own code. Where one looks for interrupts is the guest's loop itself. The engine leaves that out of short
 * loops; if as many of the guest's loops are left over, these are they, in order. Accesses alone could mislead: those of
 * inlined functions have positions in these.
 */
function nativeLoops(code: MachineFunction, place: Placed['place'], guest: GuestLoops): Loops {
  const of = around(guest, place);
  const loops = innermostLoops(code, process.arch).map((loop) => ({
    loop,
    guest: loop.head === null ? null : of(loop.head),
  }));
  const known = new Set(loops.map((l) => l.guest));
  const left = guest.innermost(code.index).filter((offset) => !known.has(offset));
  const open = loops.filter((l) => l.guest === null);
  return loops.map((l) => {
    if (l.guest !== null) return l;
    return { ...l, guest: left.length === open.length ? left[open.indexOf(l)]! : byAccess(l.loop, of) };
  });
}

/**
 * Loops of a fragment. Its accesses name the guest's instructions. What they leave open: a loop of vectors stands before the
 * scalar loop that ends its work, and a loop without accesses is the one at which the fragment begins, where it has no other.
 */
function fragmentLoops(code: MachineFunction, place: Placed['place'], guest: GuestLoops, root: number): Loops {
  const of = around(guest, place);
  const loops = innermostLoops(code, process.arch).map((loop) => ({
    loop,
    guest: byAccess(loop, of) ?? (loop.head === null ? null : of(loop.head)),
  }));
  return loops.map(({ loop, guest: known }, i) => {
    const next = loops[i + 1];
    if (loop.counts.vectors > 0 && next?.loop.counts.vectors === 0) return { loop, guest: next.guest ?? known };
    return { loop, guest: known ?? (loops.length === 1 ? guest.around(root) : null) };
  });
}

function beside(module: WasmModule, own: Placed, native: readonly Placed[]): FragmentAsm {
  const describe = ({ loop, guest }: Placed['loops'][number]): AsmLoop => {
    const func = guest === null ? null : functionAt(module, guest);
    const name = func === null ? null : shownName(module, func);
    return { name, offset: guest, from: loop.from, to: loop.to, unrolled: unrolling(loop), ...loop.counts };
  };
  const wanted = new Set(own.loops.flatMap((l) => l.guest ?? []));
  const same = native.flatMap((n) =>
    n.loops.filter((l) => l.guest !== null && wanted.has(l.guest)).map((l) => ({ n, l })),
  );
  const line = (placed: Placed) => (i: MachineFunction['instructions'][number]) => codeLine(placed, i);
  return {
    bytes: own.code.size,
    loops: own.loops.map(describe),
    native: same.map(({ l }) => describe(l)),
    text: own.code.instructions.filter(isShown).map(line(own)).join('\n'),
    nativeText: same
      .map(({ n, l }) => {
        const inside = n.code.instructions.filter((i) => l.loop.inside.has(i.at) && isShown(i));
        return inside.map(line(n)).join('\n');
      })
      .join('\n\n'),
  };
}

const isShown = ({ text }: { text: string }) => !/^nop/.test(text);

/** `|` marks the innermost loops; the guest's place stands behind what may trap, calls, and looks for interrupts. */
function codeLine(placed: Placed, i: MachineFunction['instructions'][number]): string {
  const inLoop = placed.loops.some(({ loop }) => loop.inside.has(i.at));
  const position = placed.code.positions.get(i.at);
  const place = position === undefined ? null : placed.place(position);
  const text = `${i.at.toString(16).padStart(5)} ${inLoop ? '|' : ' '} ${i.text}`;
  return place === null ? text : `${text.padEnd(52)} ;; +0x${place.toString(16)}`;
}
