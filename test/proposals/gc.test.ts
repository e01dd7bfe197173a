/** Structs, arrays, i31 and casts: equal in all modes, in loops, calls, exits and traps. */
import { expect } from 'chai';
import { expectAllModesEqual, type Host, noImports } from '../modes/harness.ts';
import { watAll } from './text.ts';

describe('garbage-collected objects', () => {
  it('trees of structs are built, rotated and summed', () => {
    const bytes = watAll(`(module
      (rec (type $tree (struct (field $left (mut (ref null $tree))) (field $right (mut (ref null $tree))) (field $key i32) (field $n (mut i16)))))
      (func $insert (param $t (ref null $tree)) (param $key i32) (result (ref $tree))
        (if (ref.is_null (local.get $t))
          (then (return (struct.new $tree (ref.null $tree) (ref.null $tree) (local.get $key) (i32.const -3)))))
        (if (i32.lt_s (local.get $key) (struct.get $tree $key (local.get $t)))
          (then (struct.set $tree $left (local.get $t) (call $insert (struct.get $tree $left (local.get $t)) (local.get $key))))
          (else (struct.set $tree $right (local.get $t) (call $insert (struct.get $tree $right (local.get $t)) (local.get $key)))))
        (struct.set $tree $n (local.get $t) (i32.add (struct.get_u $tree $n (local.get $t)) (i32.const 1)))
        (ref.as_non_null (local.get $t)))
      (func $sum (param $t (ref null $tree)) (result i32)
        (if (result i32) (ref.is_null (local.get $t))
          (then (i32.const 0))
          (else (i32.add (i32.mul (struct.get $tree $key (local.get $t)) (struct.get_s $tree $n (local.get $t)))
            (i32.add (call $sum (struct.get $tree $left (local.get $t))) (call $sum (struct.get $tree $right (local.get $t))))))))
      (func $leftmost (param $t (ref null $tree)) (result i32)
        (loop $down
          (if (i32.eqz (ref.is_null (struct.get $tree $left (local.get $t))))
            (then (local.set $t (struct.get $tree $left (local.get $t))) (br $down))))
        (struct.get $tree $key (local.get $t)))
      (func (export "run") (param $n i32) (result i32 i32) (local $t (ref null $tree)) (local $x i32)
        (loop $l
          (local.set $x (i32.rem_u (i32.mul (i32.add (local.get $n) (i32.const 7)) (i32.const 7919)) (i32.const 1009)))
          (local.set $t (call $insert (local.get $t) (local.get $x)))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $sum (local.get $t)) (call $leftmost (local.get $t)))
      (func (export "null") (result i32) (call $leftmost (ref.null $tree))))`);
    const runs = expectAllModesEqual(bytes, noImports, [['run', 3], ['run', 300], ['null'], ['run', 60]]);
    expect(runs.native.steps[2]).to.equal('throws RuntimeError: dereferencing a null pointer');
    expect(runs.eager.machine?.stats().instructions.fragments).to.be.greaterThan(5000);
  });

  it('arrays are filled, copied, read packed, and trap at their ends', () => {
    const bytes = watAll(`(module
      (type $words (array (mut i32)))
      (type $bytes (array (mut i8)))
      (type $vectors (array (mut v128)))
      (data $d "\\01\\80\\ff\\7f\\00\\10\\20\\30")
      (func $make (param $n i32) (result (ref $words)) (local $a (ref $words)) (local $i i32)
        (local.set $a (array.new_default $words (local.get $n)))
        (loop $l
          (array.set $words (local.get $a) (local.get $i) (i32.mul (local.get $i) (i32.const 0x01010193)))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
        (local.get $a))
      (func $total (param $a (ref null $words)) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (array.get $words (local.get $a) (local.get $i))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
        (local.get $s))
      (func (export "run") (param $n i32) (result i32) (local $a (ref null $words)) (local $b (ref null $words)) (local $i i32)
        (local.set $b (array.new $words (i32.const 5) (i32.const 70)))
        (local.set $a (call $make (local.get $n)))
        (loop $l
          (array.copy $words $words (local.get $b) (local.get $i) (local.get $a) (i32.const 2) (i32.const 3))
          (array.fill $words (local.get $a) (i32.rem_u (local.get $i) (i32.const 4)) (local.get $i) (i32.const 2))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))
        (i32.xor (call $total (local.get $a)) (call $total (local.get $b))))
      (func (export "bytes") (param $n i32) (result i32) (local $a (ref null $bytes)) (local $s i32)
        (loop $l
          (local.set $a (array.new_data $bytes $d (i32.const 1) (i32.const 6)))
          (array.init_data $bytes $d (local.get $a) (i32.const 4) (i32.const 0) (i32.const 2))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3))
            (i32.sub (array.get_s $bytes (local.get $a) (i32.rem_u (local.get $n) (i32.const 6)))
              (array.get_u $bytes (local.get $a) (i32.rem_u (local.get $n) (i32.const 5))))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $s))
      (func (export "vectors") (param $n i32) (result i32) (local $a (ref null $vectors))
        (local.set $a (array.new_fixed $vectors 2 (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8)))
        (loop $l
          (array.set $vectors (local.get $a) (i32.and (local.get $n) (i32.const 1))
            (i32x4.add (array.get $vectors (local.get $a) (i32.const 0)) (array.get $vectors (local.get $a) (i32.const 1))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32x4.extract_lane 3 (array.get $vectors (local.get $a) (i32.const 1))))
      (func (export "at") (param $n i32) (param $i i32) (result i32)
        (array.get $words (call $make (local.get $n)) (local.get $i)))
      (func (export "huge") (param i32) (result i32) (array.len (array.new_default $words (local.get 0)))))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 20],
      ['run', 5],
      ['run', 4],
      ['bytes', 40],
      ['vectors', 40],
      ['at', 9, 8],
      ['at', 9, 9],
      ['at', 9, -1],
      ['huge', 1000],
      ['huge', -1],
      ['huge', 70000000],
    ]);
    expect(runs.native.steps[2]).to.contain('throws');
    expect(runs.native.steps[9]).to.contain('throws');
    expect(runs.eager.machine?.stats().instructions.fragments).to.be.greaterThan(2000);
  });

  it('casts choose the way: subtypes, i31, null, values of the host', () => {
    const bytes = watAll(`(module
      (type $shape (sub (struct (field $kind i32))))
      (type $square (sub $shape (struct (field i32) (field $side i32))))
      (type $circle (sub final $shape (struct (field i32) (field $r f64))))
      (type $list (array (mut anyref)))
      (import "m" "see" (func $see (param externref) (result externref)))
      (global $last (mut (ref null $shape)) (ref.null $shape))
      (func $area (param $x anyref) (result i32)
        (block $circle (result (ref $circle))
          (block $square (result (ref $square))
            (block $small (result (ref i31))
              (br_on_cast $small anyref (ref i31) (local.get $x))
              (br_on_cast $square anyref (ref $square))
              (br_on_cast $circle anyref (ref $circle))
              (ref.test (ref $shape))
              (if (result i32) (then (i32.const 1000)) (else (i32.const 5)))
              (return))
            (i31.get_s)
            (return))
          (struct.get $square $side)
          (return))
        (struct.get $circle $r)
        (i32.trunc_sat_f64_s (f64.mul (f64.const 3.5))))
      (func $make (param $i i32) (result anyref)
        (block $4 (block $3 (block $2 (block $1 (block $0
          (br_table $0 $1 $2 $3 $4 (i32.rem_u (local.get $i) (i32.const 5))))
          (return (ref.i31 (i32.sub (i32.const 3) (local.get $i)))))
          (return (struct.new $square (i32.const 1) (local.get $i))))
          (return (struct.new $circle (i32.const 2) (f64.convert_i32_s (local.get $i)))))
          (return (any.convert_extern (call $see (extern.convert_any (ref.i31 (local.get $i)))))))
        (if (i32.and (local.get $i) (i32.const 8)) (then (return (ref.null none))))
        (struct.new $shape (i32.const 0)))
      (func $keep (param $x anyref) (result i32)
        (block $no (result anyref)
          (global.set $last (br_on_cast_fail $no anyref (ref null $shape) (local.get $x)))
          (return (i32.add (i32.const 1) (ref.eq (global.get $last) (ref.cast eqref (local.get $x))))))
        (ref.is_null)
        (i32.const 40)
        (i32.add))
      (func (export "run") (param $n i32) (result i32) (local $a (ref $list)) (local $i i32) (local $s i32) (local $x anyref)
        (local.set $a (array.new_default $list (local.get $n)))
        (loop $l
          (array.set $list (local.get $a) (local.get $i) (call $make (local.get $i)))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.set $i (i32.const 0))
        (loop $l
          (local.set $x (array.get $list (local.get $a) (local.get $i)))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 17)) (call $area (local.get $x))))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (call $keep (local.get $x))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "cast") (param $i i32) (result i32)
        (struct.get $square $side (ref.cast (ref $square) (call $make (local.get $i)))))
      (func (export "make") (param $i i32) (result anyref) (call $make (local.get $i)))
      (func (export "take") (param $x anyref) (result i32) (i32.add (call $area (local.get $x)) (call $keep (local.get $x)))))`);
    const things = [{}, 'text', null, 5, -7, 2 ** 40, 1.5];
    const host = (): Host => ({ imports: { m: { see: (x: number) => things[x % 7] } } });
    let made: unknown = null;
    const runs = expectAllModesEqual(bytes, host, [
      ['run', 4],
      ['run', 90],
      ['cast', 1],
      ['cast', 2],
      ['cast', 9],
      (e) => (made = (e.make as Make)(6)),
      (e) => (e.take as Take)(made),
      (e) => (e.take as Take)(12),
      (e) => (e.take as Take)(null),
    ]);
    expect(runs.native.steps.slice(2, 4)).to.deep.equal(['1', 'throws RuntimeError: illegal cast']);
    expect(runs.eager.machine?.stats().instructions.fragments).to.be.greaterThan(500);
  });

  it('an allocation in every iteration keeps its identity', () => {
    const bytes = watAll(`(module
      (type $cell (struct (field (mut i32))))
      (func (export "run") (param $n i32) (result i32) (local $a (ref null $cell)) (local $b (ref null $cell)) (local $s i32)
        (loop $l
          (local.set $a (struct.new $cell (i32.const 7)))
          (local.set $b (struct.new $cell (i32.const 7)))
          (local.set $s (i32.add (local.get $s) (ref.eq (local.get $a) (local.get $b))))
          (struct.set $cell 0 (local.get $a) (local.get $n))
          (local.set $s (i32.add (local.get $s) (struct.get $cell 0 (local.get $b))))
          (if (i32.and (local.get $n) (i32.const 1)) (then (local.set $b (local.get $a))))
          (local.set $s (i32.add (local.get $s) (ref.eq (local.get $a) (local.get $b))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, noImports, [['run', 100]]);
    expect(runs.native.steps).to.deep.equal(['750']);
  });
});

type Make = (i: number) => unknown;
type Take = (x: unknown) => number;
