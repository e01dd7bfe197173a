/** Code that assumes what locals were: what is assumed, what that removes, and what happens when it does not hold. */
import { expect } from 'chai';
import { HostInstance, HostModule } from '../../src/host.ts';
import { instantiateSync, machineOf, type Options } from '../../src/index.ts';
import type { FragmentStats } from '../../src/profile/schema.ts';
import { wat } from '../emit/harness.ts';

/**
 * `$apply` does one of four things to an element. Both `first` and `second` add up what it makes of each element of an
 * array; which thing that is, is the same for a whole call. Regions have the ways that `$apply` went in either. `grid` has
 * an index of an outer loop that a branch in the inner one tests.
 */
const sums = (name: string) => `(func (export "${name}") (param $mode i32) (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $apply (local.get $mode) (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum))`;
const MODES = wat(`(module
  (memory (export "memory") 1)
  (func $apply (param $mode i32) (param $i i32) (result i32)
    (local $v i32)
    (local.set $v (i32.load (i32.shl (i32.and (local.get $i) (i32.const 1023)) (i32.const 2))))
    (block $three (block $two (block $one (block $zero
      (br_table $zero $one $two $three (local.get $mode)))
      (return (i32.add (local.get $v) (local.get $i))))
      (return (i32.xor (i32.rotl (local.get $v) (i32.const 3)) (local.get $i))))
      (return (i32.sub (local.get $v) (i32.mul (local.get $i) (i32.const 7)))))
    (i32.or (local.get $v) (local.get $i)))
  ${sums('first')}
  ${sums('second')}
  (func (export "grid") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $sum i32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (if (i32.and (local.get $i) (i32.const 1))
          (then (local.set $sum (i32.add (local.get $sum) (local.get $j))))
          (else (local.set $sum (i32.xor (local.get $sum) (local.get $j)))))
        (br_if $columns (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))`);

const HOT = {
  nativeFirst: 'off',
  hotLoop: 20,
  hotEntry: 20,
  hotExit: 5,
  compileShare: 0,
  passes: 'O3,+specialize',
  check: true,
} as const;

type Call = readonly ['first' | 'second' | 'grid', ...number[]];
type Exports = Record<string, (...args: number[]) => number>;

/** Each with a flag of its own, and both with any. */
const STEADY: Call[] = Array.from({ length: 200 }, (_, i) => (i & 1 ? ['first', 1, 9] : ['second', 2, 9]));
const VARYING: Call[] = Array.from({ length: 120 }, (_, i) => [i & 1 ? 'first' : 'second', (i >> 1) & 3, 9]);

function run(options: Partial<Options>, calls: readonly Call[]) {
  const host = new HostInstance(new HostModule(MODES)).exports as Exports;
  const { instance } = instantiateSync(MODES, {}, { ...HOT, keepCode: true, ...options });
  const own = instance.exports as unknown as Exports;
  for (const [name, ...args] of calls) expect(own[name]?.(...args), `${name} ${args}`).to.equal(host[name]?.(...args));
  const stats = machineOf(instance)?.stats();
  if (!stats) throw new Error('no machine');
  const assumed = stats.fragments.flatMap((f) => f.assumed ?? []);
  const failed = stats.fragments.flatMap((f) => f.exits).filter((e) => e.reason === 'value');
  return { stats, assumed, failed: failed.reduce((sum, e) => sum + e.count, 0) };
}

describe('specialization', () => {
  it('takes a switch out of a loop whose flag was the same each time', () => {
    const { stats, assumed } = run({}, STEADY);
    expect(assumed).to.deep.include({ local: 0, type: 'i32', value: '1' });
    expect(assumed).to.deep.include({ local: 0, type: 'i32', value: '2' });
    const switches = (f: FragmentStats) => /^ *switch /m.test(f.code?.ir.at(-1)?.text ?? '');
    const regions = stats.fragments.filter((f) => /^ *switch /m.test(f.code?.ir[0]?.text ?? ''));
    expect(regions.filter((f) => f.assumed).length).to.be.greaterThan(0);
    expect(regions.filter((f) => f.assumed && switches(f))).to.deep.equal([]);
    expect(run({ passes: 'O3' }, STEADY).stats.fragments.filter(switches).length).to.be.greaterThan(0);
  });

  it('is not done where the flag varies, or the pass is not asked for', () => {
    expect(run({}, VARYING).assumed).to.deep.equal([]);
    expect(run({ passes: 'O3' }, STEADY).assumed).to.deep.equal([]);
  });

  it('assumes no index of an outer loop', () => {
    const calls = Array.from({ length: 30 }, () => ['grid', 40] as const);
    expect(run({}, calls).assumed).to.deep.equal([]);
  });

  it('is given up for good where the value changes', () => {
    const changed = [...STEADY, ...VARYING, ...VARYING, ...VARYING];
    const { stats, assumed, failed } = run({}, changed);
    expect(assumed.length).to.be.greaterThan(0);
    expect(failed).to.be.greaterThan(0);
    expect(stats.fragments.filter((f) => f.live).flatMap((f) => f.assumed ?? [])).to.deep.equal([]);
    expect(run({}, [...changed, ...STEADY, ...VARYING]).failed).to.equal(failed);
  });

  for (const [label, options] of Object.entries({
    'at once': { hotLoop: 1, hotEntry: 1, hotExit: 1, minRegion: 0, constantAfter: 1 },
    'with guards that fail on purpose': { constantAfter: 1, forceExits: '0.1,7' },
    'with all guards failing': { constantAfter: 1, forceExits: 'all' },
    'with linear traces': { maxRegion: 0 },
    'with fuel': { fuel: 1_000_000_000 },
  } satisfies Record<string, Partial<Options>>)) {
    it(`counts exactly, ${label}`, () => {
      const calls = [...STEADY, ['grid', 40] as const, ...VARYING, ...STEADY];
      const wanted = run({ mode: 'interp' }, calls).stats.instructions.total;
      expect(run(options, calls).stats.instructions.total).to.equal(wanted);
    });
  }

  it('decides alike in each run', () => {
    const shape = () =>
      run({}, [...STEADY, ...VARYING]).stats.fragments.map((f) => [f.kind, f.name, f.entries, f.assumed]);
    expect(shape()).to.deep.equal(shape());
  });
});
