import { expect } from 'chai';
import { STRIP } from '../../src/cache/cache.ts';
import { HostInstance, HostModule } from '../../src/host.ts';
import { FRAGMENT } from '../../src/machine/layout.ts';
import { Machine } from '../../src/machine/machine.ts';
import { resolveOptions } from '../../src/options.ts';
import { countFlow } from '../../src/profile/flow.ts';
import { wat } from '../emit/harness.ts';

/** A nest whose first trip of the outer loop has $long trips of the inner one, and each other one has $short. */
const NEST = wat(`(module
  (func (export "run") (param $trips i32) (param $long i32) (param $short i32) (result i32)
    (local $i i32) (local $j i32) (local $x i32)
    (local.set $j (local.get $long))
    (loop $outer
      (loop $inner
        (local.set $x (i32.add (i32.rotl (local.get $x) (i32.const 3)) (local.get $j)))
        (br_if $inner (i32.gt_s (local.tee $j (i32.sub (local.get $j) (i32.const 1))) (i32.const 0))))
      (local.set $j (local.get $short))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $trips))))
    (local.get $x)))`);

type Run = (trips: number, long: number, short: number) => number;

describe('lengths of strips', () => {
  const native = new HostInstance(new HostModule(NEST)).exports.run as Run;

  /** A guest whose nest is a region. */
  const traced = () => {
    const machine = new Machine(NEST, {}, resolveOptions({ mode: 'trace', hotLoop: 20, compileShare: 0 }));
    const run = (...args: Parameters<Run>) => {
      const result = (machine.guest.instance.exports.run as Run)(...args);
      expect(result).to.equal(native(...args));
    };
    run(1000, 100, 3);
    const nest = machine.cache.all.findLast((f) => f.region?.graph.loops === 2)!;
    const at = nest.record + FRAGMENT.strip;
    return { run, machine, strip: () => machine.memory.word(at), set: (n: number) => machine.memory.setWord(at, n) };
  };

  it('grow where strips are shorter than they may be', () => {
    const { run, strip, set } = traced();
    set(64);
    run(100_000, 1, 1);
    expect(strip()).to.be.within(4096, STRIP);
  });

  it('shrink where they are much longer', () => {
    const { run, strip, set } = traced();
    set(2048);
    run(300_000, 1, 500);
    expect(strip()).to.equal(512);
  });

  it('leave all counts as they are', () => {
    const { run, machine, set } = traced();
    const interpreter = new Machine(NEST, {}, resolveOptions({ mode: 'interp' }));
    const interpret = interpreter.guest.instance.exports.run as Run;
    interpret(1000, 100, 3);
    set(64);
    const calls: Parameters<Run>[] = [
      [20_000, 5000, 1],
      [20_000, 5000, 3],
      [300, 1, 3000],
    ];
    for (const args of calls) {
      run(...args);
      interpret(...args);
    }
    const counts = (m: Machine) => {
      const { heads, functions } = countFlow(m);
      const [[, f] = []] = functions;
      return { heads: [...heads.values()].toSorted(), instructions: f && f.interpreted + f.inFragments };
    };
    expect(counts(machine)).to.deep.equal(counts(interpreter));
  });
});
