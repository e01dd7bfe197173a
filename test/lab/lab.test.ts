// The measuring instrument: plans, keys, resumption, summaries and tables, from made-up results. Nothing is timed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { GOALS, goalTable } from '../../benchmarks/goals.ts';
import { REASONS } from '../../benchmarks/reasons.ts';
import { shortfallTable } from '../../benchmarks/shortfalls.ts';
import { workloads as guests } from '../../benchmarks/suites/guests.ts';
import { UserError } from '../../src/errors.ts';
import { CONFIGS, type Config, configNames, configOf, expand, MACHINE_FLAGS, runnable } from '../../src/lab/config.ts';
import { type Counts, firstDifference } from '../../src/lab/counts.ts';
import { execute } from '../../src/lab/execute.ts';
import type { Job, Result } from '../../src/lab/job.ts';
import { Pace } from '../../src/lab/pace.ts';
import { jobsOf, type Plan, shard } from '../../src/lab/plan.ts';
import { csv } from '../../src/lab/render/csv.ts';
import { markdown } from '../../src/lab/render/markdown.ts';
import { appendResult, jobKey, readResults } from '../../src/lab/store.ts';
import { payback, summarize } from '../../src/lab/summary.ts';
import { result, sampleOf, WORKLOAD } from './fixture.ts';

const engine: string = '../../bin/engine.mjs';
const PROVENANCE = {
  date: 'D',
  node: 'N',
  v8: 'V',
  platform: 'P',
  cpu: 'C',
  cores: 2,
  memory: 2 ** 30,
  load: 0,
  commit: null,
  tool: 'T',
  configs: {},
};

describe('configurations', () => {
  it('start the machine with the flags of the wynamo command', async () => {
    expect(MACHINE_FLAGS).to.deep.equal((await import(engine)).V8_FLAGS);
  });

  it('take variations, and the same once more', () => {
    const config = configOf('trace+hotLoop=20+passes=O1,-cse+--liftoff-only@2') as Config;
    expect(config.options).to.deep.equal({ hotLoop: 20, passes: 'O1,-cse' });
    expect(config.flags).to.deep.equal([...MACHINE_FLAGS, '--liftoff-only']);
    expect(configNames('default,trace+passes=O1,-cse,turbofan')).to.deep.equal([
      'default',
      'trace+passes=O1,-cse',
      'turbofan',
    ]);
    expect(configNames('trace+forceExits=0.1,7,default')).to.deep.equal(['trace+forceExits=0.1,7', 'default']);
    expect(expand(['host', 'warm', 'trace'])).to.deep.equal(['turbofan', 'warm', 'trace']);
  });

  it('say what is wrong with a name', () => {
    const wrong = {
      traec: /did you mean 'trace'/,
      'trace+hotlop=2': /did you mean 'hotLoop'/,
      'trace+hotLoop=x': /--hot-loop takes a whole number/,
      'default+hotLoop=2': /runs without the machine/,
      'host+hotLoop=2': /takes no options/,
    };
    for (const [name, text] of Object.entries(wrong)) expect(() => configOf(name), name).to.throw(UserError, text);
    expect(() => runnable('host')).to.throw(UserError);
  });
});

describe('plans', () => {
  const plan: Plan = {
    workloads: guests.slice(0, 4),
    configs: ['default', 'interp'],
    measures: ['first', 'steady', 'count'],
    reps: 5,
    seed: 3,
  };

  it('interleave: each repetition holds every job once, in another order', () => {
    const jobs = jobsOf(plan);
    const round = (rep: number) =>
      jobs.filter((j) => j.rep === rep).map((j) => `${j.workload} ${j.config} ${j.measure}`);
    // Two measures natively, three under the machine.
    expect(round(0)).to.have.length(20);
    expect(round(1).sort()).to.deep.equal(round(0).sort());
    expect(round(0)).to.not.deep.equal(round(0).sort());
    expect(jobsOf(plan)).to.deep.equal(jobs);
    expect(jobsOf({ ...plan, seed: 4 })).to.not.deep.equal(jobs);
    const longOnes = jobs.filter((j) => j.config === 'interp' && j.measure === 'first');
    expect(Math.max(...longOnes.map((j) => j.rep))).to.equal((CONFIGS.interp as Config).maxReps - 1);
  });

  it('time some workloads and count all, counts as often as they say', () => {
    const [first] = plan.workloads;
    const jobs = jobsOf({ ...plan, timed: [first!.id], countReps: 1 });
    expect(new Set(jobs.filter((j) => j.measure !== 'count').map((j) => j.workload))).to.deep.equal(
      new Set([first!.id]),
    );
    expect(jobs.filter((j) => j.measure === 'count')).to.have.length(plan.workloads.length);
  });

  it('fall into shards that hold all jobs once and never part a workload', () => {
    const jobs = jobsOf(plan);
    const parts = [1, 2, 3].map((i) => shard(jobs, i, 3));
    expect(parts.flat()).to.have.length(jobs.length).and.to.include.members(jobs);
    for (const { id } of plan.workloads) {
      expect(parts.filter((part) => part.some((j) => j.workload === id))).to.have.length(1);
    }
  });
});

describe('raw results', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'wynamo-lab-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const settings = { budget: 5, timeout: 1000 };
  const quiet = true;
  const parts = { workload: WORKLOAD, guest: 'g', tool: 'tool', site: 'here', settings };

  it('hold as long as what they depend on', () => {
    const job: Job = { workload: 'toy', config: 'trace', measure: 'steady', rep: 0 };
    const key = jobKey(job, parts);
    const moved = { ...WORKLOAD, program: { ...WORKLOAD.program, module: '/elsewhere/toy.wasm' } } as typeof WORKLOAD;
    expect(jobKey({ ...job }, { ...parts, workload: moved })).to.equal(key);
    for (const change of [{ tool: 'x' }, { guest: 'x' }, { site: 'x' }, { settings: { ...settings, budget: 6 } }]) {
      expect(jobKey(job, { ...parts, ...change }), JSON.stringify(change)).to.not.equal(key);
    }
    expect(jobKey({ ...job, config: 'trace+hotLoop=7' }, parts)).to.not.equal(key);
    const native = { ...job, config: 'default' };
    expect(jobKey(native, parts)).not.to.equal(jobKey(native, { ...parts, tool: 'x' }));
  });

  it('are read back, also around a line that was cut off', () => {
    const path = join(dir, 'raw.jsonl');
    const [a, b] = [result('default', 'first'), result('trace', 'first')];
    appendResult(path, a);
    writeFileSync(path, '\n{"key":"cut', { flag: 'a' });
    appendResult(path, b);
    expect(readResults(path)).to.deep.equal([a, b]);
  });

  it('are measured once, whenever the run is killed', async () => {
    const plan: Plan = {
      workloads: [WORKLOAD],
      configs: ['default', 'trace'],
      measures: ['first', 'steady'],
      reps: 3,
      seed: 1,
    };
    const whole = join(dir, 'whole.jsonl');
    const cut = join(dir, 'cut.jsonl');
    let ran: string[] = [];
    let left = Number.POSITIVE_INFINITY;
    const run = (job: Job) => {
      if (left-- <= 0) throw new Error('killed');
      ran.push(JSON.stringify(job));
      return { wall: 1, sample: sampleOf([job.rep + 1]) };
    };
    const done = await execute({ plan, settings, quiet, raw: whole, run });
    expect(ran).to.have.length(12);
    ran = [];
    for (let kill = 0; kill < 10; kill++) {
      left = kill % 3;
      try {
        await execute({ plan, settings, quiet, raw: cut, run });
      } catch (error) {
        expect((error as Error).message).to.equal('killed');
        // Killed in the middle of writing.
        if (kill % 2) writeFileSync(cut, '\n{"workload":"toy","con', { flag: 'a' });
      }
    }
    left = Number.POSITIVE_INFINITY;
    const again = await execute({ plan, settings, quiet, raw: cut, run });
    expect(new Set(ran).size).to.equal(12);
    expect(ran).to.have.length(12);
    const plain = (r: Result) => ({ ...r, date: '' });
    expect(again.results.map(plain)).to.deep.equal(done.results.map(plain));
  });

  it('get further processes where they vary, up to a limit', async () => {
    const two: Plan = { workloads: [WORKLOAD], configs: ['default', 'trace'], measures: ['first'], reps: 2, seed: 1 };
    const run = (job: Job) => ({ wall: job.config === 'trace' ? 100 * (1 + job.rep) : 100, sample: sampleOf([1]) });
    const { results } = await execute({
      plan: two,
      settings,
      quiet,
      raw: join(dir, 'x.jsonl'),
      run,
      until: { share: 0.05, most: 6 },
    });
    expect(results.filter((r) => r.config === 'default')).to.have.length(2);
    expect(results.filter((r) => r.config === 'trace')).to.have.length(6);
  });

  it('of processes that met no quiet moment come from the quietest of three, the later ones in the end', async () => {
    const plan: Plan = { workloads: [WORKLOAD], configs: ['default', 'trace'], measures: ['steady'], reps: 2, seed: 1 };
    const raw = join(dir, 'z.jsonl');
    const paces: Record<string, number[]> = { default0: [1], default1: [1.1], trace0: [1.9, 1.4, 1.7], trace1: [2, 1] };
    const ran: string[] = [];
    const run = ({ config, rep }: Job) => {
      ran.push(config + rep);
      const pace = paces[config + rep]!.shift()!;
      return { wall: 1, sample: { ...sampleOf([pace]), paces: [pace] } };
    };
    const pace = new Pace({ look: () => 1, wait() {} });
    const { results } = await execute({ plan, settings, quiet, raw, run, pace });
    expect(ran).to.have.length(7);
    expect(ran.slice(4)).to.have.members(['trace0', 'trace0', 'trace1']);
    const kept = results.map((r) => [r.config + r.rep, r.pace, r.sample!.calls[0]]);
    expect(kept).to.have.deep.members([
      ['default0', 1, 1],
      ['default1', 1.1, 1.1],
      ['trace0', 1.4, 1.4],
      ['trace1', 1, 1],
    ]);
    const read = new Map(readResults(raw).map((r) => [r.key, r]));
    expect([...read.values()]).to.have.deep.members(results);
  });

  it('of failures are tried again', async () => {
    const plan: Plan = { workloads: [WORKLOAD], configs: ['default'], measures: ['first'], reps: 1, seed: 1 };
    const raw = join(dir, 'y.jsonl');
    await execute({ plan, settings, quiet, raw, run: () => ({ wall: 1, error: 'no' }) });
    const { results } = await execute({ plan, settings, quiet, raw, run: () => ({ wall: 2, sample: sampleOf([1]) }) });
    expect(results[0]!.error).to.equal(undefined);
    expect(readFileSync(raw, 'utf8').trim().split('\n')).to.have.length(2);
  });
});

describe('summaries', () => {
  const steady = (config: string, ms: number, rep = 0) =>
    result(config, 'steady', { rep, sample: sampleOf(Array(12).fill(ms), { rss: 2 ** 24 }) });

  it('choose the host at its best for each workload', () => {
    const row = summarize(
      WORKLOAD,
      'sha',
      [steady('turbofan', 10), steady('warm', 8), steady('trace', 4)],
      ['host', 'trace'],
    );
    expect(row.cells.host?.chosen).to.equal('warm');
    expect(row.cells.host?.steady?.ms).to.equal(8);
    expect(
      summarize(WORKLOAD, 'sha', [steady('turbofan', 7), steady('warm', 8)], ['host']).cells.host?.chosen,
    ).to.equal('turbofan');
  });

  it('find what does not agree: results, outputs, memories, counts', () => {
    const counts = { events: [], instructions: { total: 5 } } as unknown as Counts;
    const row = summarize(
      WORKLOAD,
      'sha',
      [
        result('default', 'first', { sample: sampleOf([1]) }),
        result('trace', 'first', { sample: sampleOf([1], { outcome: { result: 'trap: unreachable', output: '-' } }) }),
        result('default', 'steady', { sample: sampleOf([1], { memory: 'a' }) }),
        result('trace', 'steady', { sample: sampleOf([1], { memory: 'b' }) }),
        result('trace', 'count', { sample: sampleOf([1], { counts }) }),
        result('trace', 'count', {
          rep: 1,
          sample: sampleOf([1], { counts: { ...counts, instructions: { ...counts.instructions, total: 6 } } }),
        }),
      ],
      ['default', 'trace'],
    );
    expect(row.disagreements).to.deep.equal([
      'first: the result is status 0 under default, trap: unreachable under trace',
      'steady: the memory is a under default, b under trace',
      'instructions: 5 under trace, 6 under trace',
      'trace: counts of repetitions 0 and 1 differ: instructions.total is 5 in one run, 6 in another',
    ]);
  });

  it('name a monitor that saw another run, or another number of instructions than the machine', () => {
    const counts = { events: [], instructions: { total: 5 } } as unknown as Counts;
    const watched = (rep: number, loads: number, loops: string, more = {}) =>
      result('monitored', 'count', {
        rep,
        sample: sampleOf([1], { mix: { load: loads, pure: 1 }, monitors: { loops, calls: 'c' }, ...more }),
      });
    const row = (...all: Parameters<typeof summarize>[2]) =>
      summarize(WORKLOAD, 'sha', all, ['monitored']).disagreements;
    const machine = result('counted', 'count', { sample: sampleOf([1], { counts }) });
    expect(row(machine, watched(0, 4, 'a'), watched(1, 4, 'a'))).to.deep.equal([]);
    expect(row(machine, watched(0, 4, 'a'), watched(1, 7, 'b'))).to.deep.equal([
      'monitored: monitor loops saw another run in repetition 1 than in 0',
      'instructions: 8 under monitored, 5 under counted',
    ]);
  });

  it('name the first event that differs before what follows from it', () => {
    const event = (fragment: number, instructions: number) => ({
      event: 'compiled',
      fragment,
      instructions,
      fragmentInstructions: 0,
    });
    const a = { events: [event(1, 10), event(2, 20)], instructions: { total: 5 } } as unknown as Counts;
    const b = { events: [event(1, 10), event(2, 21)], instructions: { total: 6 } } as unknown as Counts;
    expect(firstDifference(a, a)).to.equal(null);
    expect(firstDifference(a, b)).to.match(
      /^event 2 is 'compiled' of fragment 2 after 20 instructions in one run, .* after 21 /,
    );
    expect(firstDifference(a, { ...a, events: a.events.slice(0, 1) })).to.match(/^event 2 .*none in another$/);
  });

  it('tell when a slow start has paid', () => {
    const of = (config: string, open: number, calls: number[]) =>
      result(config, 'steady', { sample: sampleOf(calls, { open }) });
    const native = Array(20).fill(10);
    const row = summarize(WORKLOAD, 'sha', [of('default', 1, native), of('trace', 21, [20, ...Array(19).fill(5)])], []);
    expect(payback(row.cells.trace, row.cells.default)).to.deep.equal({ iterations: 7, time: 71, extrapolated: false });
    expect(payback(row.cells.default, row.cells.trace)).to.equal(null);
  });
});

describe('tables', () => {
  const row = summarize(
    { ...WORKLOAD, tags: ['O0', 'inner-loop'] },
    'sha',
    [
      result('default', 'first', { wall: 3000, sample: sampleOf([1]) }),
      result('trace', 'first', { wall: 2000, sample: sampleOf([1]) }),
      result('turbofan', 'steady', { sample: sampleOf(Array(12).fill(10)) }),
      result('interp', 'steady', { sample: sampleOf(Array(12).fill(150)) }),
      result('trace', 'steady', {
        sample: sampleOf([40, 20, ...Array(20).fill(8)], {
          instructions: 1e6,
          lastCoverage: 0.975,
        }),
      }),
      result('counted', 'first', { wall: 3000, sample: sampleOf([1], { time: { total: 3000, compile: 60 } }) }),
      result('counted', 'steady', { sample: sampleOf(Array(20).fill(20), { time: { total: 2000, compile: 600 } }) }),
    ],
    ['default', 'host', 'turbofan', 'interp', 'trace', 'counted'],
  );
  const report = {
    title: 'T',
    rows: [row],
    configs: ['default', 'host', 'turbofan', 'interp', 'trace'],
    baseline: { steady: 'host', whole: 'default' },
    provenance: PROVENANCE,
    settings: 'S',
  } as const;

  it('have ratios the right way up', () => {
    const text = markdown(report);
    expect(text).to.include('| workload | host, ms | turbofan, speed | interp, speed | trace, speed |');
    expect(text).to.include('| `toy` | 10.0 | 1.00 | 0.07 | 1.25 |');
    expect(text).to.include('| `toy` | 3000 | 1.50 |');
    expect(text).to.include('97.5 %');
    expect(text).to.match(/\*\*geometric mean\*\* \(1\)/);
  });

  it('decide the goals that they have figures for, and no others', () => {
    const text = goalTable([row]).join('\n');
    expect(text).to.include('1.25 (1.25–1.25) over 1 | yes |');
    expect(text).to.include('1.50 (1.50–1.50) over 1 | yes |');
    expect(text).to.include('lowest 1.50 (`toy`) over 1 | yes |');
    expect(text).to.include('15.0 times over 1 | yes |');
    expect(text).to.include('highest 2.0 % (`toy`); 2.0 % of the 1 that default Node runs so long | yes |');
    expect(text).to.include('lowest 0.50 (`toy`), 1 of 1 below | **no** |');
    expect(text.split('\n').filter((l) => l.includes('**no**'))).to.have.length(2);
    expect(goalTable([{ ...row, cells: {} }])).to.deep.equal([]);
    expect(GOALS).to.have.length.above(4);
  });

  it('give means for each suite beside the one over all', () => {
    const text = goalTable([row, { ...row, id: 'other', suite: 'others' }]).join('\n');
    expect(text).to.include(`1.25 (1.25–1.25) over 2, ${row.suite} 1.25, others 1.25 | yes |`);
  });

  it('name the programs that fall short, with the reasons that are known', () => {
    const fast = { ...row, tags: [] };
    expect(shortfallTable([fast])).to.deep.equal([]);
    const half = { ...row.cells.trace!, wall: row.cells.default!.wall.map((ms) => 2 * ms) };
    const slow = { ...fast, id: 'slow', cells: { ...row.cells, trace: half } };
    const lines = shortfallTable([fast, slow]).filter((text) => text.startsWith('| `'));
    expect(lines).to.deep.equal([
      '| `slow` | whole process of 0.5 s or more: below 0.90 of default Node | 0.50 | not explained yet |  |',
    ]);
    const [known] = shortfallTable([{ ...slow, id: 'c-qsort.O2' }]).filter((text) => text.startsWith('| `'));
    const reason = REASONS.find(({ programs }) => programs.includes('c-qsort.O2'))!;
    expect(known).to.include(`| 0.50 | ${reason.why} | \`${reason.see}\` |`);
  });

  it('exist as values, too', () => {
    const lines = csv([row], 'host').trim().split('\n');
    expect(lines[0]).to.equal('suite,workload,config,chosen,metric,unit,kind,value,low,high,processes');
    expect(lines).to.include('toys,toy,trace,trace,speedup,times,time,1.25,1.25,1.25,1');
    expect(lines).to.include('toys,toy,host,turbofan,steady,ms,time,10,10,10,1');
  });
});
