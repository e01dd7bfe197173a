/**
 * Ways in and out of fragments, on a loop that goes two ways in turn. The difference between two rows that differ in one
 * thing is that thing's price: an exit with its way back into the fragment is the third row less half of the first (the
 * interpreter executes the other half of each iteration).
 */
import { instantiateSync, type Options } from '../../../src/index.ts';
import { parseWat } from '../../../src/wasm/wat.ts';

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

export const cases = {
  interpreted: loop({ mode: 'interp' }),
  'one region': loop({ ...TRACE, hotExit: 2 }),
  'every guard fails: at least one exit and entry an iteration': loop({ ...TRACE, hotExit: NEVER, forceExits: 'all' }),
  'a linear trace of one way: half of the iterations leave it': loop({ ...TRACE, hotExit: NEVER, maxRegion: 0 }),
  'two linear traces that are linked': loop({ ...TRACE, hotExit: 2, maxRegion: 0 }),
};
