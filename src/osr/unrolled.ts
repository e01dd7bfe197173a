/**
 * Loops that the host unrolls: small ones without calls and without loops inside. A probe in such a loop would be a call,
 * and the host leaves it as it is then. So the probe stands in a loop around it, to which the guest's loop gives way when
 * its budget is used up. In the blocks for that, labels which lead out of the guest's loop count further.
 */

import type { Effect } from '../wasm/row.ts';
import { Cursor } from '../wasm/scan.ts';
import { OP, rowOf } from './codes.ts';

/** A label of the body: byte offset, length in bytes, and how many levels out it leads. */
export type Label = readonly [at: number, bytes: number, levels: number];

/** Longest body, bytes: V8 unrolls loops of some fifty operations of its own, and few longer bodies have so few. */
const MOST_BYTES = 160;

const BRANCHES: ReadonlySet<number> = new Set([OP.br, OP.brIf, OP.brTable]);
/** Constructs that have one label and no more to them. */
const BLOCKS: ReadonlySet<number> = new Set([OP.block, OP.if]);
const PLAIN: ReadonlySet<Effect> = new Set([
  'pure',
  'trap',
  'load',
  'store',
  'local',
  'global.get',
  'global.set',
  'size',
]);
/** Other parts of control that may be inside. */
const CONTROL: ReadonlySet<number> = new Set([OP.else, OP.end, OP.return, OP.unreachable]);

/**
 * Where the body of a loop has labels that lead out of the loop, in order. `from`: byte offset of its first instruction,
 * `to`: of what follows its `end`. Null where the host would not unroll the loop.
 */
export function labelsOut(bytes: Uint8Array, from: number, to: number): readonly Label[] | null {
  if (to - from > MOST_BYTES) return null;
  const found: Label[] = [];
  const c = new Cursor(bytes);
  c.p = from;
  /** Constructs that are open inside the loop. */
  let depth = 0;
  const label = () => {
    const at = c.p;
    const levels = c.leb();
    if (levels > depth) found.push([at, c.p - at, levels]);
  };
  while (c.p < to) {
    const op = bytes[c.p++] as number;
    const row = rowOf(c, op);
    if (BLOCKS.has(op)) depth++;
    else if (op === OP.end) depth--;
    else if (!PLAIN.has(row.effect) && !CONTROL.has(op) && !BRANCHES.has(op)) return null;
    for (const imm of row.imms) {
      if (imm === 'label') label();
      else if (imm === 'labels') for (let n = c.leb() + 1; n > 0; n--) label();
      else c.pass(imm);
    }
  }
  return found;
}
