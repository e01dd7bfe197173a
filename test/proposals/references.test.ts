/** References in locals, parameters, globals, tables and calls of the host: equal in all modes. */
import { expect } from 'chai';
import { expectAllModesEqual, type Host, noImports } from '../modes/harness.ts';
import { watAll } from './text.ts';

describe('references in frames', () => {
  it('results of host functions come back into frames', () => {
    const things = [{}, () => 1, 'text', null, 7n];
    const host = (): Host => ({ imports: { m: { give: (i: number) => things[i], both: (x: unknown) => [x, 3] } } });
    const bytes = watAll(`(module
      (import "m" "give" (func $give (param i32) (result externref)))
      (import "m" "both" (func $both (param externref) (result externref i32)))
      (func (export "last") (param $n i32) (result externref i32) (local $r externref) (local $sum i32) (local $i i32) (local $plus i32)
        (loop $l
          local.get $sum
          (i32.rem_u (local.get $i) (i32.const 5))
          call $give
          call $both
          local.set $plus
          local.set $r
          local.get $plus
          i32.add
          local.set $sum
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $r) (local.get $sum)))`);
    const runs = expectAllModesEqual(bytes, host, [
      ['last', 1],
      ['last', 30],
      ['last', 33],
    ]);
    expect(runs.native.steps[1]).to.equal('[7n, 90]');
    expect(runs.eager.machine?.stats().traces.compiled).to.be.greaterThan(0);
  });

  it('typed function references pass through parameters, locals, globals and tables', () => {
    const bytes = watAll(`(module
      (type $f (func (param i32) (result i32)))
      (table $t (export "t") 4 (ref null $f))
      (global $g (export "g") (mut (ref null $f)) (ref.null $f))
      (elem declare func $one $two)
      (func $one (export "one") (type $f) (i32.add (local.get 0) (i32.const 1)))
      (func $two (export "two") (type $f) (i32.mul (local.get 0) (i32.const 2)))
      (func $keep (param $f (ref $f)) (param $i i32) (result (ref $f)) (local $x (ref $f))
        (local.set $x (local.get $f))
        (table.set $t (local.get $i) (local.get $x))
        (global.set $g (local.get $x))
        (local.get $x))
      (func (export "run") (param $n i32) (result funcref i32) (local $i i32) (local $r (ref null $f)) (local $nulls i32)
        (loop $l
          (local.set $r (if (result (ref null $f)) (i32.and (local.get $i) (i32.const 1))
            (then (call $keep (ref.func $one) (i32.const 1)))
            (else (select (result (ref null $f)) (ref.null $f) (call $keep (ref.func $two) (i32.const 2))
              (i32.eqz (i32.rem_u (local.get $i) (i32.const 6)))))))
          (local.set $nulls (i32.add (local.get $nulls) (ref.is_null (local.get $r))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $r) (local.get $nulls))
      (func (export "at") (param i32) (result i32)
        (call_indirect $t (type $f) (i32.const 20) (local.get 0))))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 3],
      ['run', 40],
      ['at', 1],
      ['at', 2],
      ['at', 0],
      ['run', 31],
    ]);
    expect(runs.native.steps.slice(2, 5)).to.deep.equal(['21', '40', 'throws RuntimeError: null function']);
  });

  it('exception references have a place in frames', () => {
    const bytes = watAll(`(module
      (func $id (param exnref i32) (result exnref) (local $e exnref) (local.set $e (local.get 0)) (local.get $e))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (loop $l
          (local.set $sum (i32.add (local.get $sum) (ref.is_null (call $id (ref.null exn) (local.get $i)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum)))`);
    const runs = expectAllModesEqual(bytes, noImports, [['run', 50]]);
    expect(runs.native.steps).to.deep.equal(['50']);
  });
});
