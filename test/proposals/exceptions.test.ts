/** Exceptions of guests and of the host, caught by guests: equal in all modes. */
import { expect } from 'chai';
import { expectAllModesEqual, type Host, noImports, runWith } from '../modes/harness.ts';
import { isNativeFirst, MODES } from '../modes/modes.ts';
import { watAll } from './text.ts';

/** Tags and functions of the host for one instance. */
function host(): Host & { exports: WebAssembly.Exports } {
  const tag = new WebAssembly.Tag({ parameters: ['i32'] });
  const self: Host & { exports: WebAssembly.Exports } = {
    exports: {},
    attach(exports) {
      self.exports = exports;
    },
    imports: {
      m: {
        tag,
        JSTag: WebAssembly.JSTag,
        /** Throws now and then, in several ways. */
        maybe(n: number) {
          if (n % 5 === 1) throw new Error(`number ${n}`);
          if (n % 5 === 2) throw new WebAssembly.Exception(tag, [n * 10]);
          if (n % 5 === 3) throw n;
          return n + 1;
        },
        /** Enters the guest again; what comes out goes on, except traps. */
        again(n: number) {
          try {
            return (self.exports.inner as (n: number) => number)(n);
          } catch (error) {
            if (error instanceof WebAssembly.RuntimeError) throw new Error('it trapped');
            throw error;
          }
        },
      },
    },
  };
  return self;
}

describe('exceptions', () => {
  it('leave frames behind until a clause has their tag', () => {
    const bytes = watAll(`(module
      (tag $a (param i32 i64)) (tag $b (param f64)) (tag $empty)
      (func $throw (param $n i32) (local $pad i64)
        (local.set $pad (i64.const 77))
        (if (i32.eq (local.get $n) (i32.const 1)) (then (throw $a (local.get $n) (local.get $pad))))
        (if (i32.eq (local.get $n) (i32.const 2)) (then (throw $b (f64.const 2.5))))
        (if (i32.eq (local.get $n) (i32.const 3)) (then (throw $empty))))
      (func $middle (param $n i32) (result i32)
        (block $caught (result f64)
          (try_table (catch $b $caught) (call $throw (local.get $n)) (call $throw (i32.sub (local.get $n) (i32.const 4))))
          (return (i32.const 1)))
        i32.trunc_f64_s)
      (func $outer (param $n i32) (result i32 i64) (local $r i32)
        (block $a (result i32 i64)
          (block $rest
            (try_table (catch_all $rest)
              (try_table (result i32 i64) (catch $a $a)
                (call $middle (local.get $n)) (i64.const 5))
              (return)))
          (i32.const 1000) (i64.const 6))
        (i64.add (i64.const 100)))
      (func (export "run") (param $n i32) (result i64) (local $i i32) (local $sum i64) (local $wide i64) (local $narrow i32)
        (loop $l
          (call $outer (i32.rem_u (local.get $i) (i32.const 9)))
          (local.set $wide)
          (local.set $narrow)
          (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 3)) (local.get $wide)))
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $narrow))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum))
      (func (export "uncaught") (param i32) (call $throw (local.get 0))))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 1],
      ['run', 9],
      ['run', 60],
      ['uncaught', 1],
      ['uncaught', 5],
    ]);
    expect(runs.native.steps[3]).to.match(/Exception/);
    expect(runs.eager.machine?.stats().traces.compiled).to.be.greaterThan(0);
  });

  it('of the host are caught by tag, as JavaScript values, or as anything', () => {
    const bytes = watAll(`(module
      (import "m" "tag" (tag $tag (param i32)))
      (import "m" "JSTag" (tag $js (param externref)))
      (import "m" "maybe" (func $maybe (param i32) (result i32)))
      (global $kept (export "kept") (mut externref) (ref.null extern))
      (func $try (param $n i32) (result i32) (local $e externref)
        (block $tagged (result i32)
          (block $thrown (result externref)
            (return (try_table (result i32) (catch $tag $tagged) (catch $js $thrown) (call $maybe (local.get $n)))))
          (global.set $kept)
          (i32.const -1)))
      (func $all (param $n i32) (result i32) (local $seen i32)
        (block $done (result exnref)
          (try_table (catch_all_ref $done)
            (local.set $seen (i32.const 5))
            (local.set $seen (call $maybe (local.get $n))))
          (return (local.get $seen)))
        (i32.add (ref.is_null) (local.get $seen)))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (loop $l
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 7))
            (i32.add (call $try (local.get $i)) (call $all (local.get $i)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum))
      (func (export "again") (param $n i32) (result i32)
        (block $e (result exnref)
          (try_table (catch_all_ref $e) (return (call $maybe (local.get $n))))
          unreachable)
        throw_ref))`);
    expectAllModesEqual(bytes, host, [
      ['run', 5],
      ['run', 50],
      ['again', 0],
      ['again', 1],
      ['again', 2],
      ['again', 3],
    ]);
  });

  it('cross host frames; traps and a full stack are not caught', () => {
    const bytes = watAll(`(module
      (import "m" "tag" (tag $tag (param i32)))
      (import "m" "again" (func $again (param i32) (result i32)))
      (func (export "inner") (param $n i32) (result i32)
        (if (i32.eq (i32.rem_u (local.get $n) (i32.const 4)) (i32.const 1)) (then (throw $tag (i32.mul (local.get $n) (i32.const 3)))))
        (if (i32.eq (i32.rem_u (local.get $n) (i32.const 4)) (i32.const 2)) (then unreachable))
        (if (i32.eq (i32.rem_u (local.get $n) (i32.const 4)) (i32.const 3))
          (then (return (call $catching (i32.sub (local.get $n) (i32.const 2))))))
        (i32.add (local.get $n) (i32.const 100)))
      (func $deep (param $n i32) (param $d i32) (result i32) (local $x i32)
        (local.set $x (i32.mul (local.get $d) (i32.const 1000)))
        (if (local.get $d) (then (return (i32.add (local.get $x) (call $deep (local.get $n) (i32.sub (local.get $d) (i32.const 1)))))))
        (call $again (local.get $n)))
      (func $catching (param $n i32) (result i32) (local $before i32)
        (local.set $before (i32.const 50))
        (block $all
          (block $t (result i32)
            (try_table (catch $tag $t) (catch_all $all)
              (local.set $before (i32.add (local.get $before) (i32.const 1)))
              (return (call $deep (local.get $n) (i32.const 3))))
            unreachable)
          (return (i32.add (local.get $before))))
        (i32.sub (i32.const 0) (local.get $before)))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (loop $l
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 5)) (call $catching (local.get $i))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum))
      (func $forever (param i64) (result i64) (i64.add (i64.const 1) (call $forever (local.get 0))))
      (func (export "full") (result i64)
        (block $all (try_table (catch_all $all) (return (call $forever (i64.const 1))))) (i64.const -1))
      (func (export "trap") (param i32) (result i32)
        (block $all (try_table (catch_all $all) (return (i32.div_u (i32.const 1) (local.get 0))))) (i32.const -1)))`);
    const runs = expectAllModesEqual(bytes, host, [
      ['run', 4],
      ['run', 40],
      ['trap', 0],
      ['trap', 1],
      ['full'],
      ['run', 3],
    ]);
    expect(runs.native.steps[2]).to.equal('throws RuntimeError: divide by zero');
    expect(runs.native.steps[4]).to.match(/throws RangeError/);
  });

  it('in loops: what only a handler reads is there', () => {
    const bytes = watAll(`(module
      (import "m" "maybe" (func $maybe (param i32) (result i32)))
      (memory (export "memory") 1)
      (global $g (export "g") (mut i32) (i32.const 0))
      (func $leaf (param $i i32) (result i32) (local $twice i32)
        (local.set $twice (i32.mul (local.get $i) (i32.const 2)))
        (i32.add (call $maybe (local.get $i)) (local.get $twice)))
      (func (export "run") (param $n i32) (result i32 f64) (local $i i32) (local $only f64) (local $sum i32) (local $good i32)
        (loop $l
          (block $next
            (block $all
              (try_table (catch_all $all)
                (local.set $only (f64.add (local.get $only) (f64.const 0.25)))
                (global.set $g (i32.add (global.get $g) (local.get $i)))
                (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 3)))
                (local.set $sum (i32.add (local.get $sum) (call $leaf (local.get $i))))
                (local.set $only (f64.const 0))
                (local.set $good (i32.add (local.get $good) (i32.const 1)))
                (br $next)))
            (local.set $sum (i32.add (local.get $sum) (i32.trunc_f64_s (f64.mul (local.get $only) (f64.const 4)))))
            (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 16)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (i32.add (local.get $sum) (local.get $good)) (local.get $only)))`);
    const runs = expectAllModesEqual(bytes, host, [
      ['run', 5],
      ['run', 100],
    ]);
    expect(runs.eager.machine?.stats().traces.compiled).to.be.greaterThan(0);
  });

  it('the machine stops a guest that catches everything', () => {
    const bytes = watAll(`(module
      (import "m" "again" (func $again (param i32) (result i32)))
      (func (export "inner") (param $n i32) (result i32) (loop $l (br_if $l (local.tee $n (i32.add (local.get $n) (i32.const 1))))) (local.get $n))
      (func (export "run") (result i32)
        (block $all (try_table (catch_all $all) (drop (call $again (i32.const 1)))))
        (i32.const 1)))`);
    for (const options of [{ fuel: 10_000 }, { timeout: 100 }]) {
      for (const mode of ['interp', 'eager'] as const) {
        const run = runWith(bytes, host, mode, { ...MODES[mode], ...options }, [['run']]);
        run.machine?.dispose();
        expect(run.steps[0], JSON.stringify(options)).to.match(/^throws (Fuel|Timeout)Error/);
      }
    }
  });

  it('counts of instructions are those of the interpreter', () => {
    const bytes = watAll(`(module
      (import "m" "maybe" (func $maybe (param i32) (result i32)))
      (tag $t (param i32))
      (func $throws (param i32) (result i32)
        (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 3))) (then (throw $t (local.get 0))))
        (i32.add (local.get 0) (i32.const 1)))
      (func $leaf (param i32) (result i32) (i32.add (call $maybe (local.get 0)) (call $throws (local.get 0))))
      (func $loops (param $n i32) (result i32) (local $i i32)
        (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
        (i32.add (call $maybe (i32.add (local.get $n) (i32.const 1))) (local.get $i)))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $l
          (block $all
            (try_table (catch_all $all)
              (local.set $s (i32.add (local.get $s) (call $maybe (local.get $i))))
              (local.set $s (i32.add (local.get $s) (call $leaf (local.get $i))))
              (try_table (catch_all $all)
                (local.set $s (i32.add (local.get $s) (call $loops (local.get $i)))))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, host, [['run', 150]]);
    for (const [name, { machine }] of Object.entries(runs)) {
      if (!machine || isNativeFirst(name)) continue;
      const { instructions, functions } = machine.stats();
      const exact = runs.interp.machine?.stats();
      expect(instructions.total, name).to.equal(exact?.instructions.total);
      expect(instructions.interpreter, name).to.be.at.least(0);
      const of = (list: typeof functions) => Object.fromEntries(list.map((f) => [f.name, f.instructions]));
      expect(of(functions), name).to.deep.equal(of(exact?.functions ?? []));
    }
  });

  it('come out of fragments that other fragments call', () => {
    // Too large to be inlined.
    const long = Array.from(
      { length: 450 },
      (_, i) => `(local.set $x (i32.xor (i32.mul (local.get $x) (i32.const 3)) (i32.const ${i})))`,
    );
    const bytes = watAll(`(module
      (import "m" "maybe" (func $maybe (param i32) (result i32)))
      (global $g (export "g") (mut i64) (i64.const 0))
      (func $long (param $n i32) (result i32) (local $x i32)
        (local.set $x (local.get $n))
        ${long.join(' ')}
        (global.set $g (i64.add (global.get $g) (i64.const 1)))
        (i32.add (local.get $x) (call $maybe (local.get $n))))
      (func $twice (param $n i32) (result i32) (local $before i32)
        (local.set $before (i32.mul (local.get $n) (i32.const 11)))
        (i32.sub (call $long (local.get $n)) (i32.add (local.get $before) (call $long (i32.add (local.get $n) (i32.const 4))))))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32) (local $kept i32)
        (loop $l
          (local.set $kept (i32.add (local.get $i) (i32.const 7)))
          (block $next
            (block $all
              (try_table (catch_all $all)
                (local.set $s (i32.add (local.get $s) (call $twice (local.get $i))))
                (br $next)))
            (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (local.get $kept))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, host, [
      ['run', 60],
      ['run', 60],
    ]);
    const exact = runs.interp.machine?.stats();
    for (const [name, { machine }] of Object.entries(runs)) {
      if (machine && !isNativeFirst(name))
        expect(machine.stats().instructions.total, name).to.equal(exact?.instructions.total);
    }
    expect(runs.eager.machine?.stats().exits.byReason.call, 'calls that ended by an exception').to.be.greaterThan(10);
  });

  it('tail calls leave the handlers of their function', () => {
    const bytes = watAll(`(module
      (import "m" "maybe" (func $maybe (param i32) (result i32)))
      (tag $t (param i32))
      (func $thrower (param $n i32) (result i32) (throw $t (local.get $n)))
      (func $guest (param $n i32) (result i32)
        (block $c (result i32) (try_table (catch $t $c) (return_call $thrower (local.get $n))) unreachable)
        (i32.const 1) i32.add)
      (func $import (param $n i32) (result i32)
        (block $c (try_table (catch_all $c) (return_call $maybe (local.get $n)))) (i32.const -7))
      (func (export "guest") (param $n i32) (result i32)
        (block $c (result i32) (try_table (catch $t $c) (return (call $guest (local.get $n)))) unreachable)
        (i32.const 100) i32.mul)
      (func (export "host") (param $n i32) (result i32)
        (block $c (try_table (catch_all $c) (return (call $import (local.get $n))))) (i32.const -9)))`);
    const runs = expectAllModesEqual(bytes, host, [
      ['guest', 3],
      ['host', 1],
      ['host', 5],
    ]);
    expect(runs.native.steps).to.deep.equal(['300', '-9', '6']);
  });

  it('of the old dialect: catch, rethrow, delegate', () => {
    const bytes = watAll(`(module
      (import "m" "tag" (tag $tag (param i32)))
      (import "m" "maybe" (func $maybe (param i32) (result i32)))
      (tag $other (param i64 f32))
      (func $pick (param $n i32) (result i32)
        (if (i32.eq (i32.rem_u (local.get $n) (i32.const 7)) (i32.const 5)) (then (throw $other (i64.const 9) (f32.const 1.5))))
        (call $maybe (local.get $n)))
      (func $plain (param $n i32) (result i32) (local $x i32)
        (i32.const 1000)
        (try (result i32)
          (do (local.set $x (i32.const 3)) (i32.add (local.get $x) (call $pick (local.get $n))))
          (catch $tag (i32.add (local.get $x)))
          (catch $other (local.set $x (i32.trunc_f32_s)) (i32.wrap_i64) (i32.add (local.get $x)))
          (catch_all (i32.const 44)))
        i32.add)
      (func $again (param $n i32) (result i32)
        (try $out (result i32)
          (do
            (try $in (result i32)
              (do (call $pick (local.get $n)))
              (catch $other
                (drop) (drop)
                (try (do (drop (call $maybe (i32.const 2)))) (catch $tag (drop) (rethrow $in)))
                (i32.const 5))
              (catch_all (rethrow $in))))
          (catch $other (drop) (i32.wrap_i64) (i32.const 200) (i32.add))
          (catch_all (i32.const 300))))
      (func $delegating (param $n i32) (result i32)
        (try $target (result i32)
          (do
            (try (result i32)
              (do
                (try (result i32)
                  (do (call $pick (local.get $n)))
                  (delegate $target)))
              (catch_all (i32.const -1))))
          (catch_all (i32.const -2))))
      (func $through (param $n i32) (result i32)
        (try (result i32)
          (do (try (result i32) (do (call $pick (local.get $n))) (delegate 1)))
          (catch_all (i32.const -3))))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (loop $l
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $plain (local.get $i))))
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $again (local.get $i))))
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $delegating (local.get $i))))
          (try (do (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $through (local.get $i)))))
            (catch_all (local.set $sum (i32.xor (local.get $sum) (i32.const 0x5a5a)))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum)))`);
    expectAllModesEqual(bytes, host, [
      ['run', 1],
      ['run', 2],
      ['run', 3],
      ['run', 6],
      ['run', 7],
      ['run', 60],
    ]);
  });
});
