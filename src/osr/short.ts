/**
 * Loops that cannot take long: a counter of theirs goes from one constant to another in few steps, or bits are shifted
 * out of a number until none is left. The rounds of hash functions and ciphers are such. To ask in them whether to move
 * would only cost registers, so they are no sites:
 *
 *     (local.set $i (i32.const 0))
 *     (loop $l ... (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))
 *
 * What is looked for are the forms in which compilers write this. A loop that is taken for short and is none keeps its
 * activations where they are, which costs time and no more.
 */
import { opByName } from '../wasm/opcodes.ts';
import { Reader } from '../wasm/reader.ts';
import type { OpRow } from '../wasm/row.ts';
import { Cursor } from '../wasm/scan.ts';
import { OP, passImmediate, rowOf, SPECIAL, WAYS } from './codes.ts';
import type { Site } from './loops.ts';

/** Trips of a short loop at most, and of one that calls. */
const [MOST_TRIPS, MOST_CALLING] = [4096, 64];
/** Instructions of a body that is looked at. */
const MOST_STEPS = 1000;
/** From the beginning of a loop to an `if` that holds all of it: so many instructions at most. */
const HEAD = 6;

const codes = (names: string): ReadonlySet<number> =>
  new Set(names.split(' ').flatMap((name) => [opByName(`i32.${name}`).code, opByName(`i64.${name}`).code]));
const CONST = codes('const');
const COMPARE = codes('eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u');
const EQZ = codes('eqz');
const ADD = codes('add');
const SUB = codes('sub');
const SHIFT = codes('shr_u');
const CALLS: ReadonlySet<number> = new Set([OP.call, OP.callIndirect, OP.callRef]);

/** An instruction of a body. */
interface Step {
  readonly op: number;
  /** A constant, or the first index. */
  readonly value: bigint;
  /** Constructs that are open inside the loop. */
  readonly depth: number;
}

/** What a loop does to a local that it changes in one place. */
type Change = bigint | 'shifted';

/**
 * The innermost loops among `sites` that are short. `first`: byte offset of the function's first instruction; `params`:
 * how many locals do not begin at 0.
 */
export function shortLoops(bytes: Uint8Array, first: number, params: number, sites: readonly Site[]): Set<Site> {
  const found = new Set<Site>();
  const last = sites.findLast((s) => s.end > 0);
  if (!last) return found;
  /** The constant that was last written to a local; null where it was something else. */
  const written = new Map<number, bigint | null>();
  const begin = (local: number) => written.get(local) ?? (local >= params && !written.has(local) ? 0n : null);
  const r = new Reader(bytes);
  const c = new Cursor(bytes);
  c.p = first;
  let constant: bigint | null = null;
  let next = 0;
  while (c.p <= last.at) {
    const at = c.p;
    for (; next < sites.length && (sites[next] as Site).at <= at; next++) {
      const site = sites[next] as Site;
      if (site.end > 0 && isShort(stepsOf(bytes, site), begin)) found.add(site);
    }
    const op = bytes[c.p++] as number;
    if (op === OP.localSet || op === OP.localTee) written.set(c.leb(), constant);
    else if (CONST.has(op)) {
      r.pos = c.p;
      constant = r.s64();
      c.p = r.pos;
      continue;
    } else if (WAYS[op] === SPECIAL) passRow(c, rowOf(c, op));
    else c.p = passImmediate(bytes, c.p, WAYS[op] as number);
    if (op !== OP.localTee) constant = null;
  }
  return found;
}

function passRow(c: Cursor, row: OpRow): void {
  for (const imm of row.imms) c.pass(imm);
}

/** Instructions of a loop's body; none where they are too many. */
function stepsOf(bytes: Uint8Array, { inside, end }: Site): Step[] {
  const steps: Step[] = [];
  const c = new Cursor(bytes);
  const r = new Reader(bytes);
  c.p = inside;
  let depth = 0;
  while (c.p < end) {
    if (steps.length === MOST_STEPS) return [];
    const op = bytes[c.p++] as number;
    const row = rowOf(c, op);
    const { p } = c;
    passRow(c, row);
    let value = 0n;
    if (CONST.has(op)) {
      r.pos = p;
      value = r.s64();
    } else if (row.imms.length > 0 && row.imms[0] !== 'block') {
      const behind = c.p;
      c.p = p;
      value = BigInt(c.leb());
      c.p = behind;
    }
    if (op === OP.end) depth--;
    steps.push({ op, value, depth });
    if (row.imms[0] === 'block') depth++;
  }
  return steps;
}

function isShort(steps: readonly Step[], begin: (local: number) => bigint | null): boolean {
  const changes = changesOf(steps);
  if (changes.size === 0) return false;
  const most = BigInt(steps.some(({ op }) => CALLS.has(op)) ? MOST_CALLING : MOST_TRIPS);
  return steps.some((step, k) => {
    if (!decides(step, k)) return false;
    const test = testedAt(steps, k);
    const change = test && changes.get(test.local);
    if (!test || change === undefined || change === null) return false;
    if (change === 'shifted') return test.limit === 0n;
    const from = begin(Number(test.local));
    return from !== null && abs(test.limit - from) <= most * abs(change);
  });
}

/** True for what leads back to the head or out of the loop, and for an `if` that holds all of it. */
function decides({ op, value, depth }: Step, k: number): boolean {
  if (op === OP.brIf) return value >= BigInt(depth);
  return op === OP.if && depth === 0 && k < HEAD;
}

const abs = (x: bigint) => (x < 0n ? -x : x);

/** Locals that are written in the loop: how they change each time; null where that is not known. */
function changesOf(steps: readonly Step[]): Map<bigint, Change | null> {
  const changes = new Map<bigint, Change | null>();
  steps.forEach(({ op, value }, k) => {
    if (op !== OP.localSet && op !== OP.localTee) return;
    changes.set(value, changes.has(value) ? null : changeAt(steps, k));
  });
  return changes;
}

/** `local = local + constant`, or the like. */
function changeAt(steps: readonly Step[], k: number): Change | null {
  const [from, by, how] = [steps[k - 3], steps[k - 2], steps[k - 1]];
  if (!from || !by || !how || from.op !== OP.localGet || from.value !== steps[k]?.value) return null;
  if (!CONST.has(by.op) || by.value === 0n) return null;
  if (ADD.has(how.op)) return by.value;
  if (SUB.has(how.op)) return -by.value;
  return SHIFT.has(how.op) ? 'shifted' : null;
}

/** The local that decides at a step, and the constant that it is compared with. */
function testedAt(steps: readonly Step[], k: number): { local: bigint; limit: bigint } | null {
  let at = k - 1;
  const ofLocal = (step: Step | undefined, limit: bigint) =>
    step && (step.op === OP.localGet || step.op === OP.localTee) ? { local: step.value, limit } : null;
  while (steps[at] && EQZ.has((steps[at] as Step).op)) at--;
  const step = steps[at];
  if (!step || !COMPARE.has(step.op)) return ofLocal(step, 0n);
  const limit = steps[at - 1];
  return limit && CONST.has(limit.op) ? ofLocal(steps[at - 2], limit.value) : null;
}
