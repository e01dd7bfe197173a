import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { HostInstance, HostModule } from '../../src/host.ts';
import { instantiateSync, type Options } from '../../src/index.ts';
import { wat } from '../emit/harness.ts';
import { results } from './results.ts';

/**
 * Two call sites that reach five functions in a mixed order, one of which calls indirectly itself and one traps; by the
 * table and by reference. The function that comes late is not known when the region is first made.
 */
const CALLS = wat(`(module
  (type $f (func (param i32) (result i32)))
  (table $t 8 funcref)
  (elem (table $t) (i32.const 0) func $add $xor $mul $deep $late $trap $add)
  (global $sum (mut i32) (i32.const 0))
  (func $add (type $f) (i32.add (local.get 0) (i32.const 7)))
  (func $xor (type $f) (global.set $sum (i32.add (global.get $sum) (local.get 0))) (i32.xor (local.get 0) (i32.const 85)))
  (func $mul (type $f) (local $i i32)
    (loop $again
      (local.set 0 (i32.mul (local.get 0) (i32.const 5)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.and (local.get 0) (i32.const 3)))))
    (local.get 0))
  (func $deep (type $f)
    (call_indirect $t (type $f) (i32.rotl (local.get 0) (i32.const 3)) (i32.and (local.get 0) (i32.const 1))))
  (func $late (type $f) (i32.rotl (local.get 0) (i32.const 9)))
  (func $trap (type $f) (if (i32.eq (global.get $sum) (i32.const 1)) (then (return (i32.const 0)))) (unreachable))
  (func $pick (param $x i32) (param $i i32) (param $most i32) (result i32)
    (call_indirect $t (type $f) (local.get $x)
      (select (i32.const 4) (i32.and (i32.add (local.get $x) (local.get $i)) (i32.const 3))
        (i32.and (i32.gt_u (local.get $i) (local.get $most)) (i32.eqz (i32.and (local.get $i) (i32.const 5)))))))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (local.set $x (local.get $n))
    (loop $again
      (local.set $x (i32.add (call $pick (local.get $x) (local.get $i) (i32.const 700)) (local.get $i)))
      (if (i32.eq (local.get $i) (i32.const 1500))
        (then (local.set $x (call_indirect $t (type $f) (local.get $x) (i32.const 5)))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.add (local.get $x) (global.get $sum))))`);

const SIZES = [40, 900, 1400, 3000, 1200];
const HOT = { mode: 'trace', hotLoop: 1, hotEntry: 1, hotExit: 1, compileShare: 0, minRegion: 0, check: true } as const;
const LATE = { mode: 'trace', hotLoop: 20, hotExit: 5, compileShare: 0 } as const;
const MODES = {
  interpreted: { mode: 'interp' },
  late: LATE,
  hot: HOT,
  unoptimized: { ...HOT, passes: 'O0' },
  forced: { ...HOT, hotExit: 20, forceExits: '0.05,3' },
  'all forced': { ...HOT, hotExit: 20, forceExits: '1' },
  flushed: { ...HOT, hotLoop: 20, hotExit: 20, cacheSize: 6000 },
} satisfies Record<string, Partial<Options>>;

describe('an indirect call of several functions', () => {
  const native = new HostInstance(new HostModule(CALLS)).exports.run as (n: number) => number;
  const wanted = results(native, SIZES);
  const interpreted: Record<string, unknown> = {};
  for (const [name, options] of Object.entries(MODES)) {
    it(`is counted and gives the same, ${name}`, () => {
      const { instance, machine } = instantiateSync(CALLS, {}, options);
      expect(results(instance.exports.run as (n: number) => number, SIZES)).to.deep.equal(wanted);
      const { instructions, functions } = machine.stats();
      const counts = {
        total: instructions.total,
        functions: functions.map((f) => [f.index, f.entries, f.instructions]),
      };
      if (name === 'interpreted') Object.assign(interpreted, counts);
      else expect(counts).to.deep.equal(interpreted);
    });
  }

  it('stays inside the region, each function with code of its own', () => {
    const { instance, machine } = instantiateSync(CALLS, {}, { ...LATE, keepCode: true });
    results(instance.exports.run as (n: number) => number, SIZES);
    const entered = /\S+ {2}enter$/gm;
    const inside = machine.stats().fragments.map((f) => new Set(f.code?.trace.match(entered)));
    expect(Math.max(...inside.map((s) => s.size))).to.be.greaterThan(3);
  });

  it('is followed when it reaches another function from now on', () => {
    // Sorts by one function, then by another: the loop around the calls is a region that has nothing new, and never comes.
    const bytes = readFileSync(wasmPath(guest('c-qsort'), 'O0'));
    const { instance, machine } = instantiateSync(bytes, {}, { mode: 'trace', compileShare: 0 });
    (instance.exports.run as (n: number) => number)(100);
    expect(machine.stats().instructions.coverage).to.be.greaterThan(0.97);
  });
});
