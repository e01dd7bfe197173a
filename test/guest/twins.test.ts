/** A memory or global that is imported under two names is one: what is written to the one is read from the other. */
import { expect } from 'chai';
import { expectAllModesEqual, type Host } from '../modes/harness.ts';
import { watAll } from '../proposals/text.ts';

const OWNER = watAll(`(module
  (global (export "a") (mut i32) (i32.const 3)) (export "b" (global 0))
  (global (export "c") (mut i32) (i32.const 3))
  (global (export "x") (mut f64) (f64.const 0)) (export "y" (global 2))
  (global (export "r") (mut externref) (ref.null extern)) (export "s" (global 3))
  (memory (export "m") 1) (export "n" (memory 0)))`);

const BYTES = watAll(`(module
  (import "m" "a" (global $a (mut i32))) (import "m" "c" (global $c (mut i32))) (import "m" "b" (global $b (mut i32)))
  (import "m" "x" (global $x (mut f64))) (import "m" "y" (global $y (mut f64)))
  (import "m" "r" (global $r (mut externref))) (import "m" "s" (global $s (mut externref)))
  (import "m" "m" (memory $m 1)) (import "m" "n" (memory $n 1))
  (func (export "run") (param $n i32) (param $t externref) (result i32) (local $sum i32)
    (loop $l
      (global.set $a (i32.add (global.get $b) (local.get $n)))
      (local.set $sum (i32.add (local.get $sum) (i32.add (global.get $b) (global.get $c))))
      (global.set $x (f64.add (global.get $y) (f64.const 0.5)))
      (global.set $y (f64.mul (global.get $x) (f64.const 2)))
      (i32.store $m (i32.const 8) (local.get $sum))
      (i32.store $n (i32.const 8) (i32.mul (i32.load $n (i32.const 8)) (i32.const 3)))
      (local.set $sum (i32.load $m (i32.const 8)))
      (local.set $sum (i32.add (local.get $sum) (ref.is_null (global.get $s))))
      (if (i32.eq (local.get $n) (i32.const 5)) (then (global.set $r (local.get $t))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (local.get $sum) (i32.trunc_sat_f64_s (global.get $x)))))`);

describe('one thing under two imports', () => {
  it('is the same in all modes', () => {
    const host = (): Host => ({
      imports: { m: new WebAssembly.Instance(new WebAssembly.Module(OWNER)).exports as Record<string, unknown> },
    });
    const runs = expectAllModesEqual(BYTES, host, [
      ['run', 3, null],
      ['run', 40, 'text'],
      ['run', 9, null],
    ]);
    expect(runs.eager.machine?.stats().instructions.fragments).to.be.greaterThan(500);
  });
});
