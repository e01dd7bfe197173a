/**
 * Fragments that another thread compiles: whenever they come, or not at all, the guest does what it does natively. Services
 * in this thread answer when a test says so; one test has the real one.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import type { Answer, CompileService } from '../../src/emit/worker.ts';
import { HostModule } from '../../src/host.ts';
import { Background } from '../../src/machine/background.ts';
import { Machine } from '../../src/machine/machine.ts';
import { resolveOptions } from '../../src/options.ts';
import { collectStats } from '../../src/profile/collect.ts';
import { wynamo } from '../cli/harness.ts';

const ALL = { fragments: 0, bytes: 0 };
const HOT = { mode: 'trace', hotLoop: 2, hotExit: 2, hotEntry: 3, compileShare: 0, minRegion: 0 } as const;
const PROGRAMS = [
  ['queens', 'O3'],
  ['lz', 'O0'],
  ['trees', 'O0'],
  ['c-qsort', 'O2'],
  ['bytecode', 'O0'],
] as const;

/** Answers after so many questions whether there is an answer; `wrong`: with an error. */
class Late implements CompileService {
  closed = false;
  submitted = 0;
  private readonly waiting: { answer: Answer; polls: number }[] = [];
  private readonly polls: number;
  private readonly wrong: boolean;

  constructor(polls: number, wrong = false) {
    this.polls = polls;
    this.wrong = wrong;
  }

  submit(id: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.submitted++;
    const module = this.wrong ? null : new HostModule(bytes);
    this.waiting.push({ answer: { id, module, error: this.wrong ? 'no' : '' }, polls: this.polls });
  }

  poll(): Answer | undefined {
    const [first] = this.waiting;
    if (!first || first.polls-- > 0) return undefined;
    return this.waiting.shift()!.answer;
  }

  close(): void {
    this.closed = true;
  }
}

function run(name: string, build: 'O0' | 'O2' | 'O3', open?: () => CompileService, more = {}) {
  const row = guest(name);
  const bytes = Uint8Array.from(readFileSync(wasmPath(row, build)));
  const options = resolveOptions({ ...HOT, compile: 'background', ...more });
  const machine = new Machine(bytes, makeImports(row).imports, options);
  machine.start();
  const { enabled } = machine.compiler.background;
  if (enabled) machine.compiler.background = new Background(true, open, ALL);
  const call = machine.guest.instance.exports.run as (n: number) => unknown;
  expect(String(call(row.sizes.small)), `${name}.${build}`).to.equal(row.expected.small);
  return machine;
}

describe('compiling in the background', () => {
  // Modules that this process has compiled before are taken from there, so not each machine needs the thread.
  let submitted = 0;
  for (const [name, build] of PROGRAMS) {
    for (const polls of [0, 7, 100]) {
      it(`${name}.${build}, when answers come after ${polls} questions`, () => {
        const service = new Late(polls);
        const machine = run(name, build, () => service);
        submitted += service.submitted;
        const { fragments, superseded } = machine.compiler.background.stats;
        expect(fragments + superseded).to.be.at.most(service.submitted);
        if (polls === 0) expect(machine.cache.all.length).to.be.greaterThan(2);
        machine.dispose();
        expect(service.closed).to.equal(true);
      });
    }
  }

  it('gives most fragments away', () => {
    expect(submitted).to.be.greaterThan(50);
  });

  it('goes on here where the other thread cannot compile', () => {
    const service = new Late(0, true);
    const machine = run('base64', 'O3', () => service);
    expect(service.submitted).to.be.greaterThan(2);
    expect(machine.compiler.background.stats.fragments).to.equal(0);
    expect(machine.cache.all.length).to.be.greaterThan(2);
  });

  it('goes on here where there is no other thread', () => {
    const machine = run('queens', 'O3', () => {
      throw new Error('no threads');
    });
    expect(machine.compiler.background.enabled).to.equal(false);
    expect(machine.cache.all.length).to.be.greaterThan(2);
  });

  it('interprets what is never answered, and compiles it here once that is overdue', () => {
    const service = new Late(Number.POSITIVE_INFINITY);
    const { now } = performance;
    try {
      const machine = run('heapsort', 'O0', () => service);
      expect(machine.cache.all).to.have.length(0);
      expect(service.submitted).to.be.greaterThan(0);
      performance.now = () => now.call(performance) + 10_000;
      machine.compiler.background.poll();
      expect(service.closed).to.equal(true);
      expect(machine.cache.all.length).to.be.greaterThan(0);
    } finally {
      performance.now = now;
    }
  });

  it('gives up what something newer takes the place of', () => {
    const service = new Late(0);
    const background = new Background(true, () => service, ALL);
    const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const done: string[] = [];
    expect(background.takes(module.length, 0)).to.equal(true);
    background.submit(64, module, () => done.push('first'));
    background.submit(128, module, () => done.push('elsewhere'));
    background.submit(64, module, () => done.push('second'));
    background.poll();
    expect(done).to.deep.equal(['elsewhere', 'second']);
    expect(background.stats.superseded).to.equal(1);
    expect(background.busy).to.equal(false);
  });

  it('lets a process end', () => {
    const row = guest('trees');
    const args = ['run', '--native-first=off', '--compile=background', '--compile-free=500', '--invoke=run'];
    const { status, stdout } = wynamo([...args, wasmPath(row, 'O0'), '--', String(row.sizes.small + 3)]);
    expect(status).to.equal(0);
    expect(stdout).to.match(/^\d+\n$/);
  });

  it('has a real thread', async () => {
    const row = guest('strings');
    const machine = run('strings', 'O3');
    const call = machine.guest.instance.exports.run as (n: number) => unknown;
    // Bounded by what the guest does, not by the clock: the thread gets time between the calls.
    for (let i = 0; i < 2000 && machine.compiler.background.stats.fragments === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(String(call(row.sizes.small))).to.equal(row.expected.small);
    }
    expect(collectStats(machine, null).background!.fragments).to.be.greaterThan(0);
    machine.dispose();
  });

  it('is for runs that need not repeat', () => {
    for (const more of [{ deterministic: true }, { fuel: 1e9 }, { check: true }, { compile: 'inline' }]) {
      const machine = run('queens', 'O3', undefined, more);
      expect(machine.compiler.background.enabled).to.equal(false);
      expect(collectStats(machine, null).background).to.equal(undefined);
    }
  });
});
