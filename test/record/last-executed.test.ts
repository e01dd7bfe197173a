/** Policies that look back find what they look for, and give up looking where there is nothing to be found. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { Machine } from '../../src/machine/machine.ts';
import { resolveOptions } from '../../src/options.ts';
import { History } from '../../src/record/history.ts';
import { runWith } from '../modes/harness.ts';
import { watAll } from '../proposals/text.ts';

const SETTINGS = { nativeFirst: 'off', compileShare: 0, deterministic: true } as const;

function run(name: string, build: 'O0' | 'O3', policy: string) {
  const row = guest(name);
  const bytes = readFileSync(wasmPath(row, build));
  const steps = [['run', row.sizes.small]] as const;
  const { machine } = runWith(bytes, () => makeImports(row), policy, { ...SETTINGS, policy }, steps);
  return machine!.stats();
}

/** More instructions between two heads than the history keeps, several times. */
const STRAIGHT = watAll(`(module
  (global $g (mut i32) (i32.const 0))
  (func $long ${'(global.set $g (i32.add (i32.const 1) (global.get $g)))'.repeat(30_000)})
  (func (export "run") (param $n i32) (result i32)
    (loop $l
      (call $long)
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.get $g)))`);

describe('policies that look back', () => {
  it('know how long ago something was executed', () => {
    const options = resolveOptions({ mode: 'trace', compileShare: 0, policy: 'last-path:hot=1000000' });
    const machine = new Machine(STRAIGHT, {}, options);
    const run = machine.guest.instance.exports.run as (n: number) => number;
    expect(run(10)).to.equal(30_000 * 10);
    const { now, oldest } = machine.history!;
    expect(now).to.be.within(30_000 * 10, 200_000 * 10);
    expect(now - oldest).to.equal(1 << 16);
  });

  // The exit of the inner loop leads to the instruction right behind the loop's head.
  it('find the path behind an exit that leads to where the head would', () => {
    expect(run('fft', 'O3', 'last-path').instructions.coverage).to.be.greaterThan(0.8);
  });

  // Recursion: exits lead straight to the entry of the next fragment, so the history never has what is behind them.
  for (const policy of ['lei', 'last-path', 'combined-lei']) {
    it(`${policy} does not search at each exit`, () => {
      const { at } = History.prototype;
      let reads = 0;
      History.prototype.at = function (position) {
        reads++;
        return at.call(this, position);
      };
      try {
        const { exits, instructions } = run('fib', 'O0', policy);
        expect(reads / (exits.taken + instructions.interpreter)).to.be.lessThan(10);
      } finally {
        History.prototype.at = at;
      }
    });
  }
});
