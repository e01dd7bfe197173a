import { expect } from 'chai';
import { HostInstance, HostModule } from '../../src/host.ts';
import { instantiateSync, type Options } from '../../src/index.ts';
import { wat } from '../emit/harness.ts';
import { results } from './results.ts';

/**
 * A binary tree of calls too large to be inlined into itself. In a part of it that comes late a way opens that was never
 * taken before, so the fragment is made anew while calls of the old one are in progress.
 */
const TREE = wat(`(module
  (global $sum (mut i32) (i32.const 0))
  (global $calls (mut i32) (i32.const 0))
  (func $walk (param $n i32) (param $x i32) (result i32) (local $y i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.and (i32.gt_u (global.get $calls) (i32.const 3000)) (i32.eqz (i32.and (local.get $x) (i32.const 3))))
      (then
        (local.set $y (i32.mul (local.get $x) (i32.const 7)))
        (global.set $sum (i32.add (global.get $sum) (i32.xor (local.get $y) (i32.const 85))))))
    (if (i32.eqz (local.get $n)) (then (return (i32.add (local.get $x) (local.get $y)))))
    (if (i32.eq (local.get $x) (i32.const 123457)) (then (unreachable)))
    (local.set $y (i32.add (local.get $y) (i32.rotl (local.get $x) (local.get $n))))
    (local.set $y (i32.xor (local.get $y)
      (call $walk (i32.sub (local.get $n) (i32.const 1)) (i32.add (i32.mul (local.get $x) (i32.const 5)) (i32.const 1)))))
    (i32.add (local.get $y)
      (call $walk (i32.sub (local.get $n) (i32.const 1)) (i32.sub (i32.mul (local.get $x) (i32.const 3)) (i32.const 2)))))
  (func (export "run") (param $n i32) (result i32)
    (i32.add (call $walk (local.get $n) (i32.const 3)) (global.get $sum))))`);

const DEPTHS = [3, 9, 12, 13, 5];
const HOT = { mode: 'trace', hotLoop: 1, hotEntry: 1, hotExit: 1, compileShare: 0, minRegion: 0, check: true } as const;
const MODES = {
  interpreted: { mode: 'interp' },
  late: { mode: 'trace', hotEntry: 50, hotExit: 5, compileShare: 0 },
  hot: HOT,
  forced: { ...HOT, hotExit: 20, forceExits: '0.05,3' },
  flushed: { ...HOT, hotEntry: 20, hotExit: 20, cacheSize: 6000 },
} satisfies Record<string, Partial<Options>>;

describe('a function that calls itself', () => {
  const native = new HostInstance(new HostModule(TREE)).exports.run as (n: number) => number;
  const wanted = results(native, DEPTHS);
  let total = 0;
  for (const [name, options] of Object.entries(MODES)) {
    it(`is counted and gives the same, ${name}`, () => {
      const { instance, machine } = instantiateSync(TREE, {}, options);
      expect(results(instance.exports.run as (n: number) => number, DEPTHS)).to.deep.equal(wanted);
      const { instructions } = machine.stats();
      total ||= instructions.total;
      expect(instructions.total).to.equal(total);
    });
  }

  it('calls its own fragment without the table', () => {
    const { instance, machine } = instantiateSync(TREE, {}, { ...MODES.late, keepCode: true });
    results(instance.exports.run as (n: number) => number, DEPTHS);
    const entries = machine.stats().fragments.filter((f) => f.kind === 'entry');
    expect(entries.length).to.be.greaterThan(1, 'made anew');
    for (const { code } of entries) expect(code?.wat).to.match(/\bcall \$T\d/);
  });
});
