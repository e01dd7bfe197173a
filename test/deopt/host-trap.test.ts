/** Traps that are left to the host: same error, memory and globals, and the guest's own place. */
import { expect } from 'chai';
import { type GuestMachine, instantiateSync } from '../../src/index.ts';
import { wat } from '../emit/harness.ts';
import { expectAllModesEqual, noImports } from '../modes/harness.ts';

const OPTIONS = { hotLoop: 2, compileShare: 0, passes: 'O3,+host-traps' } as const;

/** Divides until the divisor is 0. */
const DIVIDES = wat(`(module
  (func $f (export "run") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (i32.div_s (i32.const 1000) (local.get $n))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $l))
    (local.get $s)))`);

/** The same, and on the way it counts in a global and stores to memory: an exit has that to write, so the guard stays. */
const WRITES = wat(`(module
  (memory (export "memory") 1)
  (global $count (export "count") (mut i32) (i32.const 0))
  (func $f (export "run") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.store (i32.const 16) (local.get $n))
      (local.set $s (i32.add (local.get $s) (i32.div_s (i32.const 1000) (local.get $n))))
      (i32.store (i32.const 16) (local.get $s))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $l))
    (local.get $s)))`);

/** Follows a chain of addresses, the last of which lies outside. */
const CHASES = wat(`(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\\08\\00\\00\\00\\00\\00\\00\\00\\10\\00\\00\\00\\00\\00\\00\\00\\fd\\ff\\00\\00")
  (func $f (export "run") (param $p i32) (result i32)
    (loop $l
      (local.set $p (i32.load (local.get $p)))
      (br_if $l (i32.ge_s (local.get $p) (i32.const 0))))
    (local.get $p)))`);

function trap(bytes: Uint8Array<ArrayBuffer>, arg: number): { machine: GuestMachine; error: unknown } {
  const { instance, machine } = instantiateSync(bytes, {}, OPTIONS);
  try {
    (instance.exports.run as (n: number) => number)(arg);
  } catch (error) {
    return { machine, error };
  }
  throw new Error('it did not trap');
}

describe('traps that are left to the host', () => {
  for (const [name, bytes, arg, left] of [
    ['a division', DIVIDES, 500, true],
    ['a division between writes', WRITES, 500, false],
    ['an access', CHASES, 0, true],
  ] as const) {
    it(`${name}: same error, memory and globals in every mode`, () => {
      const { traps } = expectAllModesEqual(bytes, noImports, [
        ['run', arg],
        ['run', arg],
      ]);
      const { rules } = traps.machine!.stats().passes.find((pass) => pass.name === 'host-traps')!;
      expect(Object.keys(rules).length > 0).to.equal(left);
    });

    it(`${name}: the place is the instruction`, () => {
      const exact = instantiateSync(bytes, {}, { mode: 'interp' });
      expect(() => (exact.instance.exports.run as (n: number) => number)(arg)).to.throw(WebAssembly.RuntimeError);
      const { machine, error } = trap(bytes, arg);
      expect(machine.place(error)).to.deep.equal(exact.machine.place());
      if (left && name === 'a division') expect((error as Error).stack).to.match(/T\d+ \S+\+0x/);
    });
  }
});
