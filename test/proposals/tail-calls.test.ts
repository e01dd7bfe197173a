/** Tail calls and calls by reference: the frame stack does not grow, and all modes agree. */
import { expect } from 'chai';
import { expectAllModesEqual, type Host, noImports } from '../modes/harness.ts';
import { watAll } from './text.ts';

describe('tail calls', () => {
  it('a function that calls itself last is a loop', () => {
    const bytes = watAll(`(module
      (func $sum (export "sum") (param $n i32) (param $acc i64) (result i64)
        (if (result i64) (i32.eqz (local.get $n))
          (then (local.get $acc))
          (else (return_call $sum (i32.sub (local.get $n) (i32.const 1))
            (i64.add (local.get $acc) (i64.extend_i32_u (local.get $n))))))))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['sum', 100000, 0n],
      ['sum', 0, 7n],
      ['sum', 5, 1n],
    ]);
    expect(runs.native.steps).to.deep.equal(['5000050000n', '7n', '16n']);
    expect(runs.eager.machine?.stats().traces.compiled).to.be.greaterThan(0);
    expect(runs.eager.machine?.stats().instructions.fragments).to.be.greaterThan(100000);
  });

  it('functions with frames of different sizes call each other', () => {
    const seen: number[] = [];
    const host = (): Host => ({ imports: { m: { see: (n: number) => void seen.push(n) } } });
    const bytes = watAll(`(module
      (import "m" "see" (func $see (param i32)))
      (func $a (param $n i32) (result i64 i32 f64) (local $x i64) (local $y i64)
        (local.set $x (i64.extend_i32_u (local.get $n)))
        (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 7))) (then (call $see (local.get $n))))
        (if (i32.eqz (local.get $n)) (then (return (local.get $x) (i32.const 1) (f64.const 0.5))))
        (return_call $b (f64.const 1.5) (local.get $x) (local.get $n) (i64.const -3) (f32.const 2) (i32.sub (local.get $n) (i32.const 1))))
      (func $b (param f64 i64 i32 i64 f32 i32) (result i64 i32 f64) (local $z i32)
        (local.set $z (local.get 5))
        (if (i32.eqz (i32.rem_u (local.get $z) (i32.const 5))) (then (call $see (i32.add (i32.const 1000) (local.get $z)))))
        (if (i32.eqz (local.get $z)) (then (return (local.get 1) (local.get 2) (local.get 0))))
        (return_call $a (local.get $z)))
      (func (export "run") (param $n i32) (param $times i32) (result i64 i32 f64) (local $i i32)
        (loop $l
          (call $a (i32.add (local.get $n) (local.get $i)))
          drop drop drop
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $times))))
        (call $a (local.get $n))))`);
    expectAllModesEqual(bytes, host, [
      ['run', 40, 6],
      ['run', 3, 3],
      ['run', 200, 1],
    ]);
    expect(seen.length).to.be.greaterThan(100);
  });

  it('tables and references choose the callee, functions of the host among them', () => {
    const host = (): Host => ({ imports: { m: { twice: (n: number) => 2 * n } } });
    const bytes = watAll(`(module
      (type $f (func (param i32) (result i32)))
      (import "m" "twice" (func $twice (type $f)))
      (table $t 5 5 funcref)
      (elem (table $t) (i32.const 0) func $down $three $twice $wrong)
      (func $wrong (param i64) (result i32) (i32.const 0))
      (func $three (type $f) (i32.mul (local.get 0) (i32.const 3)))
      (func $down (type $f)
        (if (i32.le_s (local.get 0) (i32.const 3)) (then (return_call_indirect $t (type $f) (i32.const 9) (local.get 0))))
        (return_call_indirect $t (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
      (func $ref (type $f)
        (if (i32.eqz (local.get 0)) (then (return_call_ref $f (i32.const 5) (ref.func $three))))
        (return_call_ref $f (i32.sub (local.get 0) (i32.const 1))
          (if (result (ref $f)) (i32.and (local.get 0) (i32.const 1)) (then (ref.func $other)) (else (ref.func $ref)))))
      (func $other (type $f)
        (if (i32.eqz (local.get 0)) (then (return_call $twice (i32.const 21))))
        (return_call $ref (i32.sub (local.get 0) (i32.const 1))))
      (elem declare func $ref $other $three $twice)
      (func (export "table") (type $f) (return_call $down (local.get 0)))
      (func (export "ref") (type $f) (return_call $ref (local.get 0)))
      (func (export "sum") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (local.get $s) (call_ref $f (local.get $i)
            (select (result (ref $f)) (ref.func $three) (ref.func $twice) (i32.and (local.get $i) (i32.const 4))))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "null") (result i32) (return_call_ref $f (i32.const 1) (ref.null $f)))
      (func (export "nullcall") (result i32) (call_ref $f (i32.const 1) (ref.null $f))))`);
    const runs = expectAllModesEqual(bytes, host, [
      ['table', 50000],
      ['table', 3],
      ['table', 2],
      ['table', 1],
      ['table', 0],
      ['table', -1],
      ['ref', 9],
      ['ref', 30000],
      ['ref', 30001],
      ['sum', 100],
      ['null'],
      ['nullcall'],
    ]);
    expect(runs.native.steps.slice(0, 3)).to.deep.equal([
      'throws RuntimeError: function signature mismatch',
      'throws RuntimeError: function signature mismatch',
      '18',
    ]);
  });

  it('functions call each other through a table of somebody else, however often', () => {
    const other = new WebAssembly.Instance(
      new WebAssembly.Module(
        watAll(`(module (func (export "half") (param i32) (result i32) (i32.shr_u (local.get 0) (i32.const 1))))`),
      ),
    );
    const host = (): Host => {
      const table = new WebAssembly.Table({ element: 'anyfunc', initial: 6 });
      table.set(3, other.exports.half);
      return { imports: { m: { table, half: other.exports.half } } };
    };
    const bytes = watAll(`(module
      (type $f (func (param i32) (result i32)))
      (import "m" "table" (table $t 6 funcref))
      (elem (table $t) (i32.const 0) func $even $odd $wrong)
      (func $wrong (param f64) (result i32) (i32.const 0))
      (func $even (type $f)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 44))))
        (return_call_indirect $t (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))
      (func $odd (type $f)
        (if (i32.eqz (local.get 0)) (then (return_call_indirect $t (type $f) (i32.const 200) (i32.const 3))))
        (return_call_indirect $t (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
      (func $deep (export "deep") (type $f)
        (if (i32.le_s (local.get 0) (i32.const 5)) (then (return (call_indirect $t (type $f) (i32.const 9) (local.get 0)))))
        (i32.add (i32.const 1) (call_indirect $t (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 5))))
      (func (export "even") (type $f) (call $even (local.get 0)))
      (func (export "loop") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (local.get $s) (call_indirect $t (type $f) (local.get $i) (i32.mul (i32.and (local.get $i) (i32.const 1)) (i32.const 3)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, host, [
      ['even', 0],
      ['even', 12000],
      ['even', 12001],
      ['deep', 3],
      ['loop', 60],
      ['deep', 2],
      ['deep', 4],
      ['deep', 5],
    ]);
    expect(runs.native.steps.slice(0, 5)).to.deep.equal(['44', '44', '100', '4', '1755']);
  });

  it('a table that was given away is read each time', () => {
    const user = new WebAssembly.Module(
      watAll(`(module (import "m" "t" (table $t 4 funcref)) (elem declare func $seven) (func $seven (param i32) (result i32) (i32.const 7))
        (func (export "set") (param i32 i32) (table.set $t (local.get 0) (select (result funcref) (ref.func $seven) (table.get $t (i32.const 3)) (local.get 1)))))`),
    );
    const bytes = watAll(`(module
      (type $f (func (param i32) (result i32)))
      (table $t (export "t") 4 4 funcref)
      (elem (table $t) (i32.const 0) func $one $two $rec)
      (func $one (export "one") (type $f) (i32.const 1))
      (func $two (type $f) (i32.const 2))
      (func $rec (type $f)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 3))))
        (return_call_indirect $t (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 2)))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3))
            (call_indirect $t (type $f) (i32.const 50) (i32.rem_u (local.get $i) (i32.const 3)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s)))`);
    const set = (e: WebAssembly.Exports, ...args: number[]) =>
      (new WebAssembly.Instance(user, { m: { t: e.t as WebAssembly.Table } }).exports.set as (...a: number[]) => void)(
        ...args,
      );
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 30],
      (e) => (e.t as WebAssembly.Table).set(3, e.one as never),
      ['run', 30],
      (e) => set(e, 0, 1),
      ['run', 30],
      (e) => set(e, 1, 0),
      ['run', 30],
      (e) => (e.t as WebAssembly.Table).set(0, null),
      ['run', 30],
    ]);
    expect(new Set(runs.native.steps.filter((_, i) => i % 2 === 0)).size).to.equal(4);
  });

  it('branches on null take the reference along', () => {
    const bytes = watAll(`(module
      (type $f (func (result i32)))
      (func $one (type $f) (i32.const 1))
      (func $two (type $f) (i32.const 2))
      (elem declare func $one $two)
      (func $get (param i32) (result (ref null $f))
        (if (i32.eqz (local.get 0)) (then (return (ref.null $f))))
        (select (result (ref null $f)) (ref.func $one) (ref.func $two) (i32.and (local.get 0) (i32.const 1))))
      (func $value (param $r (ref null $f)) (result i32)
        (block $null (return (call_ref $f (br_on_null $null (local.get $r)))))
        (i32.const 10))
      (func $other (param $r (ref null $f)) (result i32)
        (block $some (result (ref $f)) (br_on_non_null $some (local.get $r)) (return (i32.const 20)))
        call_ref $f)
      (func $mixed (param $r (ref null $f)) (param $n i32) (result i32)
        (block $b (result i32 i32)
          (local.get $n) (i32.const 7) (br_on_null $b (local.get $r)) drop
          i32.add (i32.const 1000))
        i32.add)
      (func (export "trap") (param i32) (result i32) (call_ref $f (ref.as_non_null (call $get (local.get 0)))))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32) (local $r (ref null $f))
        (loop $l
          (local.set $r (call $get (i32.rem_u (local.get $i) (i32.const 5))))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
            (i32.add (call $value (local.get $r)) (i32.add (call $other (local.get $r)) (call $mixed (local.get $r) (local.get $i))))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 1],
      ['run', 2],
      ['run', 40],
      ['trap', 1],
      ['trap', 2],
      ['trap', 0],
    ]);
    expect(runs.native.steps.slice(3)).to.deep.equal(['1', '2', 'throws RuntimeError: dereferencing a null pointer']);
  });
});
