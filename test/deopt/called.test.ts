/** Exits of fragments that call fragments: what a call has stored in frames, and whose frame control came back with. */
import { expect } from 'chai';
import { wat } from '../emit/harness.ts';
import { expectAllModesEqual, noImports } from '../modes/harness.ts';

/** Straight code of so many instructions that change `$x`, so that no region inlines it. */
const straight = (n: number) =>
  Array.from({ length: n }, (_, i) => `(local.set $x (i32.xor (local.get $x) (i32.const ${1 << (i % 31)})))`).join(
    '\n',
  );

describe('exits of fragments with calls', () => {
  it('restore a local that was changed across a call only', () => {
    const guest = wat(`(module
      (func $callee (param $n i32) (result i32) (local $x i32)
        ${straight(150)}
        (i32.add (local.get $n) (i32.and (local.get $x) (i32.const 1))))
      (func $f (export "run") (param $n i32) (result i32)
        (local $a i32) (local $b i32) (local $sum i32)
        (local.set $a (i32.const 7))
        (loop $l
          (local.set $b (local.get $a))
          (local.set $a (i32.const 100))
          (local.set $sum (i32.add (local.get $sum) (call $callee (local.get $n))))
          (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 5)))
            (then (local.set $sum (i32.add (local.get $sum) (local.get $a)))))
          (local.set $a (local.get $b))
          (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 97)))
            (then (local.set $sum (i32.mul (local.get $sum) (local.get $a)))))
          (local.set $sum (i32.add (local.get $sum) (local.get $a)))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.add (local.get $sum) (local.get $a))))`);
    const runs = expectAllModesEqual(guest, noImports, [
      ['run', 3000],
      ['run', 1000],
    ]);
    const { fragments } = runs.small.machine!.stats();
    expect(fragments.some((f) => f.exits.some((e) => e.reason === 'branch' && e.count > 0))).to.equal(true);
  });

  it('tell an inner activation of the same function from the one that called', () => {
    const guest = wat(`(module
      (func $a (param $n i32) (param $rare i32) (result i32) (local $x i32)
        ${straight(450)}
        (if (i32.eqz (local.get $n)) (then (return (local.get $rare))))
        (if (result i32) (call $b (i32.sub (local.get $n) (i32.const 1)) (local.get $rare))
          (then (i32.add (local.get $n) (i32.const 1)))
          (else (i32.sub (local.get $x) (local.get $n)))))
      (func $b (param $n i32) (param $rare i32) (result i32) (local $x i32)
        ${straight(450)}
        (if (result i32) (call $a (local.get $n) (local.get $rare))
          (then (i32.or (local.get $x) (i32.const 1)))
          (else (i32.const 0))))
      (func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $l
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3))
            (call $a (i32.and (local.get $n) (i32.const 15)) (i32.rem_u (local.get $n) (i32.const 101)))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))`);
    expectAllModesEqual(guest, noImports, [
      ['run', 4000],
      ['run', 777],
    ]);
  });
});
