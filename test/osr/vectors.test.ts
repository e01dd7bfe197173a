/** The first look at loops: which ones a machine is made for. */
import { expect } from 'chai';
import { hasChoosingLoop, hasVariableLoop, hasVectorLoop } from '../../src/osr/vectors.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { watAll } from '../proposals/text.ts';

/** Whether the first loop of the first function is one; `more`: functions behind it. */
const looks = (code: string, more = '', one = hasVectorLoop) =>
  one(
    decodeModule(
      watAll(`(module (import "m" "host" (func $host)) (memory 1) (table 1 funcref) (global $end (mut i32) (i32.const 64))
        (func $f (param $i i32) (param $p i32) (param $q i32)
          (local $s i32) (local $t i32) (local $x f64) (local $k i32) ${code})
        ${more})`),
    ),
  );

/** A loop over i up to a global, as compilers write it without optimization. */
const up = (body: string, by = 1) => `(loop $l (if (i32.lt_s (local.get $i) (global.get $end)) (then ${body}
  (local.set $i (i32.add (local.get $i) (i32.const ${by}))) (br $l))))`;
const at = (array: string, log2: number) =>
  `(i32.add (local.get ${array}) (i32.shl (local.get $i) (i32.const ${log2})))`;
/** k rounds of something. */
const rounds = (body: string) => `(loop $r ${body} (br_if $r (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))`;

const ADDS = `(f64.store ${at('$p', 3)} (f64.add (f64.load ${at('$q', 3)}) (local.get $x)))`;
const COPIES = `(func $copies (param $p i32) (param $q i32) (local $i i32)
  ${up('(i32.store8 (i32.add (local.get $p) (local.get $i)) (i32.load8_u (i32.add (local.get $q) (local.get $i))))')})`;
const SEARCHES = `(func $searches (param $p i32) (local $i i32) (loop $l
  (br_if $l (i32.load8_u (i32.add (local.get $p) (local.tee $i (i32.add (local.get $i) (i32.const 1))))))))`;
const ARRAY = `(func $length (param i32) (result i32) (i32.shr_u (i32.load (i32.sub (local.get 0) (i32.const 4))) (i32.const 2)))
  (func $address (param $a i32) (param $i i32) (result i32) (local $b i32)
    (local.set $b (local.get $a)) (return (i32.add (local.get $b) (i32.mul (i32.const 4) (local.get $i)))))
  (func $get (param $a i32) (param $i i32) (result i32)
    (if (i32.ge_u (local.get $i) (call $length (local.get $a))) (then (call $host) (unreachable)))
    (return (i32.load (call $address (local.get $a) (local.get $i)))))
  (func $set (param $a i32) (param $i i32) (param $x i32)
    (if (i32.ge_u (local.get $i) (call $length (local.get $a))) (then (unreachable)) (else (nop)))
    (i32.store (call $address (local.get $a) (local.get $i)) (local.get $x)))`;

describe('the first look at loops', () => {
  it('finds loops that step by the width of what they access', () => {
    expect(looks(up(ADDS))).to.equal(true);
    expect(
      looks(up('(i32.store (local.get $p) (local.get $i)) (local.set $p (i32.add (local.get $p) (i32.const 4)))')),
    ).to.equal(true);
    // Strides, gathering, and nothing in memory.
    expect(looks(up(ADDS, 2))).to.equal(false);
    expect(
      looks(up('(i32.store (i32.load (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2)))) (i32.const 1))')),
    ).to.equal(false);
    expect(looks(up('(local.set $s (i32.mul (local.get $s) (local.get $i)))'))).to.equal(false);
  });

  it('follows copies of locals, and locals that begin at others', () => {
    expect(
      looks(
        up(`(local.set $t (local.get $i)) (local.set $s (i32.add (local.get $t) (i32.const 3)))
          (i32.store8 (i32.add (local.get $s) (local.get $p)) (i32.const 7))`),
      ),
    ).to.equal(true);
    expect(
      looks(
        `(loop $l (i32.store8 (local.tee $t (local.get $i)) (local.get $s))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $t) (i32.const 1))) (local.get $q))))`,
      ),
    ).to.equal(true);
    // A local of the iteration before, which grows by nothing that is known.
    expect(
      looks(up('(i32.store (local.get $s) (i32.const 7)) (local.set $s (local.get $t)) (local.set $t (local.get $i))')),
    ).to.equal(false);
  });

  it('sees what either arm of a condition gives', () => {
    const found = (value: string) =>
      looks(`(loop $l (if (if (result i32) (i32.lt_s (local.get $k) (local.get $q)) (then ${value}) (else (i32.const 0)))
        (then (local.set $k (i32.add (local.get $k) (i32.const 1)))
          (i32.store8 (i32.add (local.get $p) (local.get $k)) (i32.const 1)) (br $l))))`);
    expect(found('(i32.load8_u (i32.add (local.get $p) (local.get $k)))')).to.equal(false);
    expect(found('(i32.const 1)')).to.equal(true);
    expect(
      looks(
        up(
          '(i32.store8 (i32.add (local.get $p) (if (result i32) (local.get $q) (then (local.get $i)) (else (i32.const 0)))) (i32.const 1))',
        ),
      ),
    ).to.equal(false);
  });

  it('takes sums of integers, and no other that go on from one iteration to the next', () => {
    const gathers = (value: string) => looks(up(value.replaceAll('X', `(i32.load ${at('$p', 2)})`)));
    expect(gathers('(local.set $s (i32.add (local.get $s) X))')).to.equal(true);
    expect(
      gathers('(local.set $s (select (local.get $s) (local.tee $t X) (i32.lt_s (local.get $s) (local.get $t))))'),
    ).to.equal(true);
    expect(gathers('(local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) X))')).to.equal(false);
    expect(gathers('(local.set $x (f64.add (local.get $x) (f64.convert_i32_s X)))')).to.equal(false);
    expect(gathers(`(local.set $s (i32.add (local.get $s) X)) (i32.store ${at('$q', 2)} (local.get $s))`)).to.equal(
      false,
    );
    expect(gathers('(if (i32.gt_s X (local.get $p)) (then (local.set $s (i32.const 1))))')).to.equal(false);
  });

  it('looks through calls of accessors, with their checks', () => {
    const body = (set: string) =>
      up(`(call ${set} (local.get $p) (local.get $i) (call $get (local.get $q) (local.get $i)))`);
    expect(looks(body('$set'), ARRAY)).to.equal(true);
    // An accessor with a loop, or one that calls somebody unknown, is none.
    const set = (code: string) => `(func $other (param $p i32) (param $j i32) (param $x i32) (local $i i32) ${code})`;
    expect(looks(body('$other'), ARRAY + set(up('(i32.store8 (local.get $p) (local.get $x))')))).to.equal(false);
    expect(looks(body('$other'), ARRAY + set('(call $host)'))).to.equal(false);
    expect(looks(body('$other'), ARRAY + set('(call $other (local.get $p) (local.get $j) (local.get $x))'))).to.equal(
      false,
    );
    expect(
      looks(body('$other'), `${ARRAY} (type $t (func)) ${set('(call_indirect (type $t) (i32.const 0))')}`),
    ).to.equal(false);
  });

  it('follows calls to inner loops', () => {
    const copies = '(call $copies (local.get $p) (local.get $q))';
    const searches = '(call $searches (local.get $q))';
    expect(looks(rounds(copies), COPIES)).to.equal(true);
    expect(looks(rounds(copies + searches), COPIES + SEARCHES)).to.equal(false);
    expect(looks(rounds(`${copies} (call $host)`), COPIES)).to.equal(false);
    // What is deeper in loops is most of the work.
    expect(looks(rounds(searches + rounds(copies).replaceAll('$r', '$s')), COPIES + SEARCHES)).to.equal(true);
    expect(looks(rounds(copies + rounds(searches).replaceAll('$r', '$s')), COPIES + SEARCHES)).to.equal(false);
  });

  it('looks at the first loop alone', () => {
    expect(looks(up(ADDS) + rounds('(call $host)'))).to.equal(true);
    expect(looks(rounds('(call $host)') + up(ADDS))).to.equal(false);
  });
});

/** As LLVM writes it without optimization: variables above the frame that $p begins, which does not change. */
const get = (variable: number) => `(i32.load offset=${variable} (local.get $p))`;
const set = (variable: number, value: string) => `(i32.store offset=${variable} (local.get $p) ${value})`;
const add = (a: string, b: string) => `(i32.add ${a} ${b})`;
const below = (
  body: string,
  limit = get(12),
) => `(loop $l (block $out (br_if $out (i32.eqz (i32.lt_s ${get(8)} ${limit})))
  ${body} ${set(8, add(get(8), '(i32.const 1)'))} (br $l)))`;
const element = (scale: number) => `(i32.mul ${get(8)} (i32.const ${scale}))`;

describe('the first look at variables in memory', () => {
  const keeps = (code: string, more = '') => looks(code, more, hasVariableLoop);
  const SUMS = `(f64.store offset=16 (local.get $p)
    (f64.add (f64.load offset=16 (local.get $p)) (f64.load (i32.add ${get(4)} ${element(8000)}))))`;

  it('finds loops that mostly read and write them', () => {
    expect(keeps(below(SUMS))).to.equal(true);
    expect(keeps(rounds(below(SUMS)))).to.equal(true);
    // The stack pointer's own frame, in a function that is called.
    expect(
      keeps(
        below(set(20, '(call $twice (i32.load (local.get $q)))')),
        `(func $twice (param i32) (result i32) (local $f i32)
          (local.set $f (i32.sub (global.get $end) (i32.const 16))) (i32.store offset=12 (local.get $f) (local.get 0))
          (return (i32.mul (i32.load offset=12 (local.get $f)) (i32.const 2))))`,
      ),
    ).to.equal(true);
  });

  it('takes what arrays decide, and what may trap', () => {
    expect(keeps(below(`(if (i32.load8_u ${element(1)}) (then ${set(16, get(8))}))`))).to.equal(true);
    expect(keeps(below(set(20, `(i32.rem_s ${get(8)} (i32.const 5))`)))).to.equal(true);
  });

  it('leaves alone what goes through arrays', () => {
    expect(keeps(up(ADDS))).to.equal(false);
    // Variables of a frame that moves.
    expect(keeps(below(`${SUMS} (local.set $p (i32.add (local.get $p) (i32.const 64)))`))).to.equal(false);
  });

  it('knows the steps of variables in memory', () => {
    const store = (scale: number) => below(`(i32.store (i32.add ${get(4)} ${element(scale)}) ${get(16)})`);
    expect(looks(store(4))).to.equal(true);
    expect(looks(store(8))).to.equal(false);
  });
});

describe('the first look at choices', () => {
  const chooses = (body: string, more = '') => looks(up(body), more, hasChoosingLoop);
  const COUNTS = '(if (local.get $s) (then (local.set $t (i32.add (local.get $t) (local.get $p)))))';

  it('finds loops that go one way but for them', () => {
    expect(chooses(COUNTS)).to.equal(true);
    // One inside of another, by a value from memory; and a branch that skips the rest.
    const inner = '(if (i32.lt_s (local.get $t) (local.get $q)) (then (local.set $t (local.get $q))))';
    expect(chooses(`(if (i32.load (local.get $p)) (then ${inner}) (else (local.set $t (i32.const 1))))`)).to.equal(
      true,
    );
    expect(chooses(`${COUNTS} (br_if $l (local.get $t))`)).to.equal(true);
  });

  it('leaves alone what has none, computes much for one, or does more on its ways', () => {
    expect(chooses('(local.set $t (i32.add (local.get $t) (local.get $p)))')).to.equal(false);
    const more = '(i32.mul (local.get $t) (i32.add (local.get $t) (i32.xor (local.get $p) (local.get $q))))';
    expect(
      chooses(`(if (local.get $s) (then (local.set $t (i32.sub (i32.rotl ${more} (local.get $t)) (local.get $s)))))`),
    ).to.equal(false);
    expect(chooses('(if (local.get $s) (then (local.set $x (f64.neg (local.get $x)))))')).to.equal(false);
    expect(chooses(`${COUNTS} (call $host)`)).to.equal(false);
    expect(chooses(`${COUNTS} (i32.store (local.get $p) (local.get $t))`)).to.equal(false);
  });

  it('leaves alone loops with many other branches', () => {
    expect(chooses(COUNTS + '(br_if $l (local.get $t))'.repeat(2))).to.equal(false);
  });
});
