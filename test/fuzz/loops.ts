/** Random loops that end: counted down, counted up, tested at the top, halving a number, with values on the stack. */
import type { ValType } from '../../src/wasm/row.ts';
import type { Body } from './body.ts';
import { condition, expression } from './expressions.ts';
import { NUMBERS } from './plan.ts';
import { statements } from './statements.ts';

const MAX_TRIPS = 4000;

/** A number of iterations that the body still affords; 0: none. */
function pickTrips(b: Body): number {
  const trips = b.source.pick([3, 1, 2, 5, 10, 40, 130]);
  return b.trips * trips <= MAX_TRIPS && b.affords(trips * 20) ? trips : 0;
}

type Form = (b: Body, trips: number) => void;

const FORMS: readonly Form[] = [countDown, countUp, testAtTop, halving, withParams];

export function loop(b: Body): boolean {
  const trips = pickTrips(b);
  if (trips === 0) return false;
  (FORMS[b.source.weighted([20, 45, 20, 10, 12])] as Form)(b, trips);
  return true;
}

/** The statements of a loop that runs `trips` times; the label of the block around it serves as `break`. */
function inside(b: Body, trips: number, counter: number | null): void {
  if (counter !== null) b.counters.push(counter);
  b.repeated(trips, () => statements(b, 4 - b.source.below(4)));
  if (counter !== null) b.counters.pop();
}

/** Wraps a loop in a block, so that there is something to break to. */
function inBlock(b: Body, write: () => void): void {
  b.construct('block', 'void', { types: [] }, write);
}

function countDown(b: Body, trips: number): void {
  const counter = b.addLocal('i32', true);
  b.op('i32.const', trips).op('local.set', counter);
  const next = () => b.op('local.get', counter).op('i32.const', 1).op('i32.sub').op('local.tee', counter);
  inBlock(b, () => {
    b.construct('loop', 'void', null, () => {
      inside(b, trips, counter);
      if (b.source.chance(25)) {
        // A second way back: `continue`.
        condition(b);
        b.construct('if', 'void', { types: [] }, () => {
          next();
          b.op('br_if', 1).op('br', 2);
        });
        inside(b, trips, counter);
      }
      next();
      b.op('br_if', 0);
    });
  });
}

/** A counter from a start by steps to a limit, compared in one of the ways that compilers use. */
function countUp(b: Body, trips: number): void {
  const { source } = b;
  const type: ValType = source.chance(15) ? 'i64' : 'i32';
  const counter = b.addLocal(type, true);
  const step = source.pick([1, 4, 8, 2, 3]);
  const start = source.pick([0, 8, 64, -8]);
  const limit = start + step * trips;
  const literal = (n: number) => b.op(`${type}.const`, type === 'i64' ? BigInt(n) : n);
  const compare = source.pick(start < 0 ? ['lt_s', 'ne'] : ['lt_s', 'lt_u', 'ne']);
  literal(start).op('local.set', counter);
  let bound: number | null = null;
  if (source.chance(40)) {
    bound = b.addLocal(type, true);
    literal(limit).op('local.set', bound);
  }
  inBlock(b, () => {
    b.construct('loop', 'void', null, () => {
      inside(b, trips, type === 'i32' ? counter : null);
      b.op('local.get', counter);
      literal(step).op(`${type}.add`).op('local.tee', counter);
      if (bound === null) literal(limit);
      else b.op('local.get', bound);
      b.op(`${type}.${compare}`).op('br_if', 0);
    });
  });
}

function testAtTop(b: Body, trips: number): void {
  const counter = b.addLocal('i32', true);
  b.op('i32.const', 0).op('local.set', counter);
  inBlock(b, () => {
    b.construct('loop', 'void', null, () => {
      b.op('local.get', counter).op('i32.const', trips).op('i32.ge_u').op('br_if', 1);
      inside(b, trips, counter);
      b.op('local.get', counter).op('i32.const', 1).op('i32.add').op('local.set', counter).op('br', 0);
    });
  });
}

/** Shifts a number until it is zero: the number of iterations depends on data. */
function halving(b: Body): void {
  const type: ValType = b.source.chance(40) ? 'i64' : 'i32';
  const rest = b.addLocal(type, true);
  expression(b, type, 2);
  b.op('local.set', rest);
  const one = type === 'i64' ? 1n : 1;
  inBlock(b, () => {
    b.construct('loop', 'void', null, () => {
      inside(b, type === 'i64' ? 64 : 32, null);
      b.op('local.get', rest).op(`${type}.const`, one).op(`${type}.shr_u`).op('local.tee', rest);
      b.op(`${type}.const`, type === 'i64' ? 0n : 0)
        .op(`${type}.ne`)
        .op('br_if', 0);
    });
  });
}

/** A loop that carries values on the operand stack from one iteration to the next. */
function withParams(b: Body, trips: number): void {
  const { source } = b;
  const types = Array.from({ length: 1 + source.below(3) }, () => source.pick(NUMBERS));
  const counter = b.addLocal('i32', true);
  const carried = types.map((t) => b.addLocal(t, false));
  b.op('i32.const', trips).op('local.set', counter);
  for (const t of types) expression(b, t, 3);
  b.construct('loop', b.plan.blockType(types, types), null, () => {
    for (const local of [...carried].reverse()) b.op('local.set', local);
    inside(b, trips, counter);
    types.forEach((t, i) => {
      if (source.chance(40)) expression(b, t, 3);
      else b.op('local.get', carried[i]);
    });
    b.op('local.get', counter).op('i32.const', 1).op('i32.sub').op('local.tee', counter).op('br_if', 0);
  });
  for (const t of [...types].reverse()) b.op('local.set', b.target(t));
}
