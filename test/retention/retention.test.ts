/** Nothing of the machine keeps alive what a guest has dropped. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ModeName } from '../modes/modes.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

describe('dropped references', () => {
  /** How long the guest runs behind what it drops: a few slices of the interpreter, or strips of fragments. */
  const runs = {
    native: 1,
    interp: 1000,
    trace: 100_000,
    eager: 100_000,
    force: 1000,
    linear: 100_000,
  } satisfies Partial<Record<ModeName, number>>;
  for (const [mode, rounds] of Object.entries(runs)) {
    it(`are collected in mode ${mode}`, () => {
      const flags = ['--no-warnings', '--expose-gc', CHILD, mode, String(rounds)];
      const child = spawnSync(process.execPath, flags, { encoding: 'utf8' });
      expect(child.stderr).to.equal('');
      const none = { loop: 0, recursion: 0, global: 0, throw: 0, running: 0, inside: 0 };
      expect(JSON.parse(child.stdout)).to.deep.equal({ ...none, given: 553 });
    });
  }
});
