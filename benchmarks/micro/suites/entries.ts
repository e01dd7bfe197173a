/**
 * Ways into a guest and into its first fragment. A call from JavaScript into a small function, natively, interpreted and
 * compiled; and a whole instance up to its first fragment: what a row costs more than the one before it is the price of
 * recording and compiling, then of optimizing.
 */
import { instantiateSync, type Options } from '../../../src/index.ts';
import { parseWat } from '../../../src/wasm/wat.ts';

const bytes = await parseWat(
  `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (loop $l
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (local.get $i)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $x)))`,
  'entries.wat',
);

/** Calls of the small function in one case. */
const CALLS = 1000;
/** Iterations that make the loop hot. */
const HOT = 100;

function calls(options: Partial<Options>) {
  const { instance } = instantiateSync(bytes, {}, options);
  const add = instance.exports.add as (a: number, b: number) => number;
  const run = () => {
    let x = 0;
    for (let i = 0; i < CALLS; i++) x = add(x, i);
    return x;
  };
  for (let i = 0; i < 50; i++) run();
  return { run, per: CALLS };
}

function instances(options: Partial<Options>) {
  return () => {
    const { instance, machine } = instantiateSync(bytes, {}, options);
    (instance.exports.run as (n: number) => number)(HOT);
    machine.dispose();
  };
}

export const doc = `a call from JavaScript (${CALLS} in a case), and a fresh instance with a loop of ${HOT} iterations`;

export const cases = {
  'call: native': calls({ mode: 'native' }),
  'call: interpreted': calls({ mode: 'interp' }),
  'call: into a fragment': calls({ mode: 'trace', hotEntry: 2, minRegion: 0, compileShare: 0 }),
  'instance: interpreted': instances({ mode: 'interp' }),
  'instance: one trace recorded and compiled': instances({ mode: 'trace', hotLoop: 10, compileShare: 0, passes: 'O0' }),
  'instance: the same, optimized': instances({ mode: 'trace', hotLoop: 10, compileShare: 0 }),
};
