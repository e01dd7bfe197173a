/**
 * Control flow of machine code: basic blocks, and natural loops: a jump back to a block that dominates it, with all blocks from
 * which that jump is reached. Jumps through tables have no known targets, so a loop that needs one is not found.
 */
import { immediateDominators, reversePostorder } from '../ir/dominators.ts';
import type { MachineFunction } from './listing.ts';

export interface NaturalLoop {
  /** Offset of the loop's first block. */
  readonly head: number;
  /** First and last instruction of its blocks, as indices into the function's list. */
  readonly blocks: readonly (readonly [first: number, last: number])[];
}

interface Block {
  readonly first: number;
  readonly last: number;
  readonly next: number[];
  readonly before: number[];
}

/** Behind these, control does not go on with the next instruction. */
const ENDS = /^(?:jmp|ret|b |br |int3|ud2|brk|udf)/;

function blocksOf(f: MachineFunction): Block[] {
  const { instructions } = f;
  const starts = new Set([instructions[0]?.at ?? 0]);
  instructions.forEach(({ target, text }, i) => {
    if (target !== null) starts.add(target);
    const behind = instructions[i + 1];
    if (behind && (target !== null || ENDS.test(text))) starts.add(behind.at);
  });
  const blocks: Block[] = [];
  const byStart = new Map<number, number>();
  instructions.forEach(({ at }, i) => {
    if (!starts.has(at)) return;
    byStart.set(at, blocks.length);
    blocks.push({ first: i, last: i, next: [], before: [] });
  });
  return blocks.map((b, i) => {
    const block = { ...b, last: (blocks[i + 1]?.first ?? instructions.length) - 1 };
    const { target, text } = instructions[block.last]!;
    const taken = target === null || /^(?:call|bl )/.test(text) ? undefined : byStart.get(target);
    if (taken !== undefined) block.next.push(taken);
    if (!ENDS.test(text) && i + 1 < blocks.length) block.next.push(i + 1);
    return block;
  });
}

/** All natural loops; jumps back to one place make one loop. */
export function naturalLoops(f: MachineFunction): NaturalLoop[] {
  const blocks = blocksOf(f);
  if (blocks.length === 0) return [];
  blocks.forEach((b, i) => {
    for (const n of b.next) blocks[n]!.before.push(i);
  });
  const seen = new Set<number>();
  const order = reversePostorder(
    0,
    (b) => blocks[b]!.next,
    (b) => !seen.has(b) && !!seen.add(b),
  );
  const position = new Map(order.map((b, i) => [b, i]));
  const idom = immediateDominators(
    order.map((b) => blocks[b]!.before.map((other) => position.get(other)).filter((i) => i !== undefined)),
  );
  const dominates = (a: number, b: number) => {
    const wanted = position.get(a)!;
    let at = position.get(b)!;
    while (at > wanted) at = idom[at]!;
    return at === wanted;
  };
  const jumps = new Map<number, number[]>();
  for (const b of order)
    for (const n of blocks[b]!.next)
      if (dominates(n, b)) {
        const list = jumps.get(n);
        if (list) list.push(b);
        else jumps.set(n, [b]);
      }
  return [...jumps].map(([head, from]) => {
    const inside = new Set([head]);
    const work = [...from];
    for (let b = work.pop(); b !== undefined; b = work.pop()) {
      if (inside.has(b)) continue;
      inside.add(b);
      work.push(...blocks[b]!.before);
    }
    return {
      head: f.instructions[blocks[head]!.first]!.at,
      blocks: [...inside].sort((a, b) => a - b).map((b) => [blocks[b]!.first, blocks[b]!.last] as const),
    };
  });
}
