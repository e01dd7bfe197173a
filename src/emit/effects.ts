/**
 * Which instructions may change places. Expression trees evaluate an instruction later than it stands in its block; that
 * is right as long as nothing in between writes what it reads. Each effect class reads and writes a few kinds of state;
 * only instructions that write nothing are ever moved.
 */
import type { IrEffect } from '../ir/ops.ts';

/** Kinds of state, one bit each. `order` is the position of traps, guards and calls among each other. */
const STATE = { order: 1, memory: 2, size: 4, global: 8, table: 16, heap: 32, frame: 64 } as const;
export const STATE_KINDS = 7;
const ALL = (1 << STATE_KINDS) - 1;

export interface Access {
  readonly reads: number;
  readonly writes: number;
}

const { order, memory, size, global, table, heap, frame } = STATE;

const ACCESS = {
  pure: { reads: 0, writes: 0 },
  trap: { reads: order, writes: 0 },
  load: { reads: order | memory, writes: 0 },
  store: { reads: 0, writes: order | memory },
  size: { reads: size, writes: 0 },
  grow: { reads: 0, writes: order | memory | table | size },
  bulk: { reads: 0, writes: order | memory | table },
  'global.get': { reads: global, writes: 0 },
  'global.set': { reads: 0, writes: global },
  local: { reads: 0, writes: ALL },
  'table.get': { reads: order | table, writes: 0 },
  'table.set': { reads: 0, writes: order | table },
  control: { reads: 0, writes: ALL },
  call: { reads: 0, writes: ALL },
  'heap.new': { reads: 0, writes: order },
  'heap.get': { reads: order | heap, writes: 0 },
  'heap.set': { reads: 0, writes: order | heap },
  atomic: { reads: 0, writes: order | memory },
  guard: { reads: 0, writes: order },
  limit: { reads: 0, writes: order },
  count: { reads: 0, writes: 0 },
} as const satisfies Record<IrEffect, Access>;

/** Frame slots are pure for passes, but a host call writes its frame: loads of slots stay before it. */
export function accessOf(op: string, effect: IrEffect): Access {
  return op === 'slot.load' ? { reads: frame, writes: 0 } : ACCESS[effect];
}
