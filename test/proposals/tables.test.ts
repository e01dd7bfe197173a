/** Tables and growing memories inside of traces: equal in all modes, and executed by fragments. */
import { expect } from 'chai';
import type { ModeRun, Step } from '../modes/harness.ts';
import { expectAllModesEqual, noImports } from '../modes/harness.ts';
import { watAll } from './text.ts';

/** Share of the guest's instructions that fragments executed. */
function inFragments(run: ModeRun): number {
  const { fragments, interpreter } = run.machine?.stats().instructions ?? { fragments: 0, interpreter: 1 };
  return fragments / (fragments + interpreter);
}

describe('tables in traces', () => {
  it('elements are read, written and appended, up to the end and beyond', () => {
    const bytes = watAll(`(module
      (table $t (export "t") 5 40 externref)
      (func (export "rotate") (param $n i32) (param $x externref) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (table.set $t (i32.rem_u (local.get $i) (table.size $t))
            (select (result externref) (local.get $x) (table.get $t (i32.rem_u (i32.mul (local.get $i) (i32.const 3)) (table.size $t)))
              (i32.and (local.get $i) (i32.const 4))))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3))
            (ref.is_null (table.get $t (i32.rem_u (i32.add (local.get $i) (i32.const 2)) (table.size $t))))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "append") (param $n i32) (param $x externref) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (table.grow $t (local.get $x) (i32.const 1))))
          (table.set $t (i32.sub (table.size $t) (i32.const 1)) (local.get $x))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "clear") (param $n i32) (local $i i32)
        (loop $l
          (table.set $t (local.get $i) (ref.null extern))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
      (func (export "count") (param $from i32) (param $n i32) (result i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (local.get $s) (ref.is_null (table.get $t (local.get $from)))))
          (br_if $l (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 1))) (local.get $n))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['rotate', 200, 'a'],
      ['append', 20, 'b'],
      ['rotate', 200, 'c'],
      ['append', 20, 'd'],
      ['clear', 39],
      ['clear', 60],
      ['rotate', 5, null],
      ['count', 0, 40],
      ['count', 0, 41],
      ['count', -1, 3],
    ]);
    expect(runs.native.steps.filter((s) => s.includes('out of bounds'))).to.have.length(3);
    expect(inFragments(runs.eager)).to.be.greaterThan(0.9);
  });

  it('ranges are filled and copied, within a table and between two, up to the end and beyond', () => {
    const bytes = watAll(`(module
      (table $t (export "t") 16 externref)
      (table $u (export "u") 9 externref)
      (func $digest (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (ref.is_null (table.get $t (local.get $i)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (table.size $t))))
        (local.get $s))
      (func (export "run") (param $n i32) (param $x externref) (param $far i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (table.fill $t (i32.rem_u (local.get $i) (i32.const 13)) (local.get $x) (i32.and (local.get $i) (i32.const 3)))
          (table.set $t (i32.rem_u (i32.mul (local.get $i) (i32.const 5)) (i32.const 16)) (ref.null extern))
          (table.copy $t $t (i32.and (local.get $i) (i32.const 7)) (i32.const 2) (i32.const 6))
          (table.copy $u $t (i32.const 1) (i32.and (local.get $i) (i32.const 7)) (i32.const 8))
          (table.copy $t $u (i32.add (i32.const 5) (i32.mul (local.get $i) (local.get $far))) (i32.const 3) (i32.const 2))
          (table.fill $u (i32.const 9) (local.get $x) (i32.const 0))
          (local.set $s (i32.xor (i32.rotl (local.get $s) (i32.const 5)) (call $digest)))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "beyond") (param $from i32) (param $count i32) (param $n i32) (result i32)
        (loop $l
          (table.fill $u (local.get $from) (ref.null extern) (local.get $count))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $digest)))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 300, 'a', 0],
      ['run', 40, null, 0],
      ['run', 300, 'b', 0],
      ['run', 40, 'c', 1],
      ['beyond', 3, 4, 100],
      ['beyond', 9, 0, 100],
      ['beyond', 9, 1, 100],
      ['beyond', -1, 2, 100],
      ['beyond', 1, -1, 5],
      ['run', 5, 'd', 0],
    ]);
    expect(runs.native.steps.filter((s) => s.includes('out of bounds'))).to.have.length(4);
    expect(inFragments(runs.eager)).to.be.greaterThan(0.8);
  });

  it('functions are put into tables, called there, moved, filled and appended', () => {
    const bytes = watAll(`(module
      (type $f (func (result i32)))
      (table $t (export "t") 8 30 funcref)
      (elem (table $t) (i32.const 0) func $one $two $three)
      (elem declare func $one $two $three)
      (func $one (type $f) (i32.const 1))
      (func $two (type $f) (i32.const 2))
      (func $three (type $f) (i32.const 3))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (table.set $t (i32.rem_u (local.get $i) (i32.const 3))
            (select (result funcref) (ref.func $one) (ref.func $three) (i32.and (local.get $i) (i32.const 2))))
          (table.fill $t (i32.const 3) (ref.func $two) (i32.and (local.get $i) (i32.const 3)))
          (table.copy $t $t (i32.const 4) (i32.const 0) (i32.const 3))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5))
            (call_indirect $t (type $f) (i32.rem_u (i32.mul (local.get $i) (i32.const 7)) (i32.const 3)))))
          (local.set $s (i32.xor (local.get $s) (call_indirect $t (type $f) (i32.const 5))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "append") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (table.grow $t (ref.func $two) (i32.const 1))))
          (local.set $s (i32.xor (local.get $s)
            (call_indirect $t (type $f) (i32.sub (table.size $t) (i32.const 1)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "beyond") (param $at i32) (param $n i32)
        (loop $l
          (table.set $t (local.get $at) (ref.func $one))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 200],
      ['append', 30],
      (exports) => (exports.t as WebAssembly.Table).set(1, null),
      ['run', 200],
      ['beyond', 20, 30],
    ]);
    expect(runs.native.steps.filter((s) => s.includes('out of bounds'))).to.have.length(1);
    expect(inFragments(runs.eager)).to.be.greaterThan(0.8);
  });

  it('segments are copied from until they are dropped, and dropped', () => {
    const bytes = watAll(`(module
      (type $f (func (result i32)))
      (memory (export "m") 1)
      (table $t (export "t") 6 funcref)
      (table $x (export "x") 6 externref)
      (data $d "segments may be dropped")
      (data $short "ab")
      (data (i32.const 100) "active")
      (elem $e func $one $two $one $two)
      (elem $nulls externref (ref.null extern) (ref.null extern))
      (func $one (type $f) (i32.const 1))
      (func $two (type $f) (i32.const 2))
      (func (export "run") (param $n i32) (param $drop i32) (param $from i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (memory.init $d (i32.and (local.get $i) (i32.const 31)) (i32.add (local.get $from) (i32.and (local.get $i) (i32.const 7))) (i32.const 9))
          (memory.init $d (i32.const 60) (i32.const 0) (i32.const 0))
          (table.init $t $e (i32.and (local.get $i) (i32.const 1)) (i32.and (local.get $i) (i32.const 2)) (i32.const 2))
          (table.init $x $nulls (i32.const 2) (i32.const 1) (i32.const 1))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (i32.load (local.get $i))))
          (local.set $s (i32.xor (local.get $s) (call_indirect $t (type $f) (i32.const 1))))
          (data.drop $short)
          (if (i32.eq (local.get $i) (local.get $drop)) (then (data.drop $d)))
          (if (i32.eq (local.get $i) (i32.sub (local.get $drop) (i32.const 1000))) (then (elem.drop $e)))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "short") (param $n i32) (memory.init $short (i32.const 0) (i32.const 0) (local.get $n)))
      (func (export "active") (param $n i32)
        (loop $l
          (memory.init 2 (i32.const 0) (i32.const 0) (i32.const 0))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (memory.init 2 (i32.const 0) (i32.const 0) (i32.const 1))))`);
    const steps: Step[] = [
      ['short', 2],
      ['run', 200, -1, 0],
      ['short', 0],
      ['short', 1],
      ['active', 50],
      ['run', 60, -1, 8],
      ['run', 60, -1, -1],
      ['run', 300, 250, 0],
      ['run', 5, -1, 0],
    ];
    const runs = expectAllModesEqual(bytes, noImports, steps);
    expect(runs.native.steps.filter((s) => s.includes('out of bounds'))).to.have.length(6);
    expect(inFragments(runs.eager)).to.be.greaterThan(0.8);
    const elements = expectAllModesEqual(bytes, noImports, [
      ['run', 100, -1, 0],
      ['run', 100, 1050, 0],
      ['run', 1, -1, 0],
    ]);
    expect(elements.native.steps.filter((s) => s.includes('out of bounds'))).to.have.length(2);
  });

  it('elements of exact types come out under the type of frames and go back', () => {
    const bytes = watAll(`(module
      (type $p (struct (field $x (mut i32))))
      (type $f (func (result i32)))
      (table $t 8 (ref null $p))
      (table $g 3 (ref null $f))
      (elem (table $g) (i32.const 0) (ref null $f) (ref.func $one) (ref.null $f) (ref.func $two))
      (func $one (type $f) (i32.const 1))
      (func $two (type $f) (i32.const 2))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32) (local $p (ref null $p)) (local $f (ref null $f))
        (loop $l
          (local.set $p (table.get $t (i32.and (local.get $i) (i32.const 7))))
          (if (ref.is_null (local.get $p)) (then
            (local.set $p (struct.new $p (local.get $i)))
            (table.fill $t (i32.and (local.get $i) (i32.const 7)) (local.get $p) (i32.const 1))))
          (table.set $t (i32.and (local.get $i) (i32.const 7)) (local.get $p))
          (struct.set $p $x (local.get $p) (i32.add (struct.get $p $x (local.get $p)) (local.get $s)))
          (local.set $f (table.get $g (i32.rem_u (local.get $i) (table.size $g))))
          (local.set $s (i32.add (i32.xor (local.get $s) (struct.get $p $x (local.get $p)))
            (if (result i32) (ref.is_null (local.get $f)) (then (i32.const 7)) (else (call_ref $f (local.get $f))))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 100],
      ['run', 201],
    ]);
    expect(inFragments(runs.eager)).to.be.greaterThan(0.8);
  });

  it('a memory grows in the middle of a loop that goes on into what is new', () => {
    const bytes = watAll(`(module
      (memory $m (export "memory") 0 3)
      (memory $n 1 30)
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (if (i32.ge_u (i32.add (local.get $i) (i32.const 4)) (i32.shl (memory.size $m) (i32.const 16)))
            (then (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 9)) (memory.grow $m (i32.const 1))))))
          (i32.store $m (local.get $i) (local.get $s))
          (local.set $s (i32.add (local.get $s) (i32.load $m (i32.and (local.get $i) (i32.const 0xfffc)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1500))) (local.get $n))))
        (local.get $s))
      (func (export "often") (param $k i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (memory.grow $n (local.get $k))))
          (i32.store $n (i32.const 65532) (i32.add (i32.load $n (i32.const 65532)) (i32.load8_u $n (local.get $i))))
          (local.set $s (i32.add (local.get $s) (i32.load $n (i32.sub (i32.shl (memory.size $n) (i32.const 16)) (i32.const 4)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['often', 0],
      ['run', 150000],
      ['often', 1],
      ['often', 1],
      ['run', 250000],
    ]);
    expect(runs.native.steps[4]).to.include('out of bounds');
    expect(inFragments(runs.eager)).to.be.greaterThan(0.9);
  });
});
