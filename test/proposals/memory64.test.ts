/** Memories and tables with 64-bit addresses: equal in all modes, also where sums of addresses do not fit. */
import { expect } from 'chai';
import { expectAllModesEqual, noImports } from '../modes/harness.ts';
import { watAll } from './text.ts';

describe('64-bit memories and tables', () => {
  it('loops over a memory, to its end and beyond', () => {
    const bytes = watAll(`(module
      (memory $m (export "memory") i64 1 4)
      (memory $n 1 2)
      (func $fill (param $n i64) (local $i i64)
        (loop $l
          (i32.store $m offset=8 (local.get $i) (i32.mul (i32.wrap_i64 (local.get $i)) (i32.const 7)))
          (f64.store $m offset=512 (local.get $i) (f64.convert_i64_u (local.get $i)))
          (i32.store $n offset=4 (i32.wrap_i64 (local.get $i)) (i32.const 3))
          (i64.store8 $m (i64.const 3) (local.get $i))
          (br_if $l (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 12))) (local.get $n)))))
      (func (export "run") (param $n i64) (result i64) (local $i i64) (local $s i64)
        (call $fill (local.get $n))
        (loop $l
          (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31)) (i64.load32_s $m offset=8 (local.get $i))))
          (local.set $s (i64.add (local.get $s) (i64.load8_u $m offset=0x11 (local.get $i))))
          (br_if $l (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 5))) (local.get $n))))
        (local.get $s))
      (func (export "load") (param i64) (result i64) (i64.load $m offset=16 (local.get 0)))
      (func (export "far") (param i64) (result i64) (i64.load $m offset=0x1_0000_0000 (local.get 0)))
      (func (export "farther") (param i64) (i64.store $m offset=0xffff_ffff_ffff_fff8 (local.get 0) (i64.const 1)))
      (func (export "grow") (param i64) (result i64 i64) (memory.grow $m (local.get 0)) (memory.size $m))
      (func (export "bulk") (param $n i64) (result i32)
        (memory.fill $m (i64.const 100) (i32.const 9) (local.get $n))
        (memory.copy $m $m (i64.const 5000) (i64.const 90) (local.get $n))
        (i32.load16_u $m (i64.const 5100))))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 600n],
      ['run', 6000n],
      ['load', 0n],
      ['load', 65520n],
      ['load', -1n],
      ['load', -8n],
      ['far', 0n],
      ['far', -0x100000000n],
      ['far', 0x7fffffffffffffffn],
      ['farther', 16n],
      ['farther', 7n],
      ['grow', 2n],
      ['load', 65520n],
      ['run', 100000n],
      ['grow', 0x1000000000000n],
      ['bulk', 300n],
      ['bulk', -1n],
    ]);
    expect(runs.native.steps.slice(4, 11).every((s) => s.includes('out of bounds'))).to.equal(true);
    expect(runs.eager.machine?.stats().instructions.fragments).to.be.greaterThan(1000);
  });

  it('calls through a table with 64-bit indices', () => {
    const bytes = watAll(`(module
      (type $f (func (param i32) (result i32)))
      (table $t i64 4 8 funcref)
      (elem (table $t) (i64.const 1) func $add $mul)
      (elem $more func $mul $add)
      (func $add (type $f) (i32.add (local.get 0) (i32.const 3)))
      (func $mul (type $f) (i32.mul (local.get 0) (i32.const 3)))
      (func (export "call") (param i64) (result i32) (call_indirect $t (type $f) (i32.const 5) (local.get 0)))
      (func (export "tail") (param i64) (result i32) (return_call_indirect $t (type $f) (i32.const 6) (local.get 0)))
      (func (export "run") (param $n i64) (result i32) (local $i i64) (local $s i32)
        (loop $l
          (local.set $s (call_indirect $t (type $f) (local.get $s) (i64.add (i64.const 1) (i64.rem_u (local.get $i) (i64.const 2)))))
          (br_if $l (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "change") (param i64) (result i64 i64 i32)
        (table.set $t (i64.const 0) (table.get $t (i64.const 2)))
        (table.fill $t (i64.const 3) (ref.func $add) (i64.const 1))
        (table.copy $t $t (i64.const 1) (i64.const 2) (i64.const 1))
        (table.init $t $more (i64.const 2) (i32.const 0) (i32.const 2))
        (table.grow $t (ref.func $mul) (local.get 0)) (table.size $t) (ref.is_null (table.get $t (i64.const 0)))))`);
    expectAllModesEqual(bytes, noImports, [
      ['run', 40n],
      ['call', 0n],
      ['call', 1n],
      ['tail', 2n],
      ['call', 0x100000001n],
      ['tail', 0x100000001n],
      ['change', 2n],
      ['call', 5n],
      ['call', 0n],
      ['run', 40n],
      ['change', 2n],
      ['change', 1n],
      ['call', 6n],
    ]);
  });
});
