/** A recording that waits in a call of the host, in which others begin and are cut off by traps: none is taken for another. */
import { expect } from 'chai';
import { expectAllModesEqual, type Host } from '../modes/harness.ts';
import { watAll } from '../proposals/text.ts';

/** `outer` calls the host in a loop; `inner` traps at its trip `n`, after a while of being hot. */
const BYTES = watAll(`(module
  (import "env" "call" (func $call (param i32)))
  (memory (export "memory") 1)
  (global $g (export "g") (mut i32) (i32.const 0))
  (func (export "outer") (param $n i32) (param $at i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (local.get $i)))
      (call $call (local.get $at))
      (local.set $s (i32.xor (local.get $s) (i32.load (i32.const 16))))
      (i32.store (i32.const 8) (local.get $s))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s))
  (func (export "inner") (param $n i32) (result i32) (local $i i32)
    (loop $l
      (global.set $g (i32.add (global.get $g) (local.get $i)))
      (i32.store (i32.const 16) (global.get $g))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (drop (i32.load (i32.mul (i32.eq (local.get $i) (local.get $n)) (i32.const -4))))
      (global.set $g (i32.rotl (global.get $g) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 200))))
    (global.get $g)))`);

function host(): Host {
  let exports: WebAssembly.Exports;
  return {
    imports: {
      env: {
        call(n: number) {
          try {
            (exports.inner as (n: number) => number)(n);
          } catch (error) {
            expect(error).to.be.instanceOf(WebAssembly.RuntimeError);
          }
        },
      },
    },
    attach(all) {
      exports = all;
    },
  };
}

describe('recordings inside of recordings', () => {
  for (let n = 62; n < 67; n++) {
    it(`the inner one is cut off at trip ${n}`, () => {
      const runs = expectAllModesEqual(BYTES, host, [
        ['outer', 5, n],
        ['outer', 5, 201],
        ['inner', 201],
        ['inner', n],
      ]);
      expect(runs.native.steps[3]).to.include('out of bounds');
    }).timeout(60_000);
  }
});
