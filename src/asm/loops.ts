/** The innermost loops of a function's machine code, which is where time goes, and what they are made of. */
import type { MachineCounts } from '../profile/schema.ts';
import { count, isPoll, NO_COUNTS } from './count.ts';
import { type NaturalLoop, naturalLoops } from './flow.ts';
import type { MachineFunction } from './listing.ts';

export interface MachineLoop {
  /** Offsets of its first and last instruction. */
  readonly from: number;
  readonly to: number;
  /** Offsets of all its instructions; what an interrupt would execute is left out. */
  readonly inside: ReadonlySet<number>;
  readonly counts: MachineCounts;
  /** Byte offsets in the body that its instructions stand for, as often as they do. */
  readonly positions: readonly number[];
  /** Byte offset in the body of the loop itself, where it looks for interrupts. */
  readonly head: number | null;
}

/** In the order of their code. `arch`: as `process.arch` has it. */
export function innermostLoops(f: MachineFunction, arch: string): MachineLoop[] {
  const all = naturalLoops(f);
  const holds = (a: NaturalLoop, b: NaturalLoop) =>
    a !== b && a.blocks.some(([first]) => f.instructions[first]!.at === b.head);
  return all
    .filter((a) => !all.some((b) => holds(a, b)))
    .map((loop) => describe(f, loop, arch))
    .sort((a, b) => a.from - b.from);
}

function describe(f: MachineFunction, loop: NaturalLoop, arch: string): MachineLoop {
  const { instructions } = f;
  /** Where loops go when the engine wants to interrupt them. */
  const slow = new Set<number>();
  for (const [first, last] of loop.blocks)
    for (let i = first; i < last; i++) {
      const { target } = instructions[last]!;
      if (target !== null && isPoll(instructions[i]!, arch)) slow.add(target);
    }
  const counts = { ...NO_COUNTS };
  const positions: number[] = [];
  const inside = new Set<number>();
  let head: number | null = null;
  for (const [first, last] of loop.blocks) {
    const begin = instructions[first]!.at;
    if (slow.has(begin)) {
      // It stands for the loop itself.
      head ??= f.positions.get(begin) ?? null;
      continue;
    }
    for (const i of instructions.slice(first, last + 1)) {
      inside.add(i.at);
      count(counts, i, arch);
      const own = f.positions.get(i.at);
      if (own !== undefined) positions.push(own);
    }
  }
  return { from: Math.min(...inside), to: Math.max(...inside), inside, counts, positions, head };
}

/**
 * How often the loop has each of its accesses: the engine unrolls loops. 1 where it has none. What is there more often than the
 * rest comes from functions that were inlined several times.
 */
export function unrolling(loop: MachineLoop): number {
  const times = new Map<number, number>();
  for (const p of loop.positions) times.set(p, (times.get(p) ?? 0) + 1);
  return times.size === 0 ? 1 : Math.min(...times.values());
}
