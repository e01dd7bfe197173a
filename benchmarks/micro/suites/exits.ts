/**
 * Ways in and out of fragments, on a loop that goes two ways in turn. The difference between two rows that differ in one
 * thing is that thing's price: an exit with its way back into the fragment is the third row less half of the first (the
 * interpreter executes the other half of each iteration).
 */
import { instantiateSync, type Options } from '../../../src/index.ts';
import { parseWat } from '../../../src/wasm/wat.ts';
import type { Derived } from '../adapter.ts';

/** Loop iterations of one call. */
const ITERATIONS = 20_000;

const MODULE = `(module (func (export "run") (param $n i32) (result i32) (local $i i32) (local $x i32)
  (loop $l
    (if (i32.and (local.get $i) (i32.const 1))
      (then (local.set $x (i32.add (local.get $x) (local.get $i))))
      (else (local.set $x (i32.xor (local.get $x) (local.get $i)))))
    (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
  (local.get $x)))`;
const bytes = await parseWat(MODULE, 'exits.wat');

/** A case that runs the loop with these options, warm. */
function loop(options: Partial<Options>) {
  const { instance } = instantiateSync(bytes, {}, options);
  const run = instance.exports.run as (n: number) => number;
  for (let i = 0; i < 20; i++) run(ITERATIONS);
  return { run: () => run(ITERATIONS), per: ITERATIONS };
}

const TRACE = { mode: 'trace', hotLoop: 2, compileShare: 0 } as const;
const NEVER = 2 ** 30;

export const doc = `one iteration of a loop that goes two ways in turn (${ITERATIONS} in a call)`;

/** Names of cases that figures are derived from. */
const INTERPRETED = 'interpreted';
const REGION = 'one region';
const ONE_WAY = 'a linear trace of one way: half of the iterations leave it';
const LINKED = 'two linear traces that are linked';

export const cases = {
  [INTERPRETED]: loop({ mode: 'interp' }),
  [REGION]: loop({ ...TRACE, hotExit: 2 }),
  'every guard fails: at least one exit and entry an iteration': loop({ ...TRACE, hotExit: NEVER, forceExits: 'all' }),
  [ONE_WAY]: loop({ ...TRACE, hotExit: NEVER, maxRegion: 0 }),
  [LINKED]: loop({ ...TRACE, hotExit: 2, maxRegion: 0 }),
};

export const derived: readonly Derived[] = [
  {
    name: 'an exit to the interpreter and the way back',
    limit: 1000,
    // Of two iterations one leaves, is interpreted to its end and enters again.
    of: (ns) => 2 * ns(ONE_WAY) - ns(REGION) - ns(INTERPRETED),
  },
  { name: 'a link between fragments', limit: 10, of: (ns) => ns(LINKED) - ns(REGION) },
];
