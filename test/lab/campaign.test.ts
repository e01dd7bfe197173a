// Campaigns: plans that are refused, folders that are merged and compared, a run that is killed ten times, and what is
// exported for papers. Times are made up, or not looked at.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { UserError } from '../../src/errors.ts';
import { Campaign } from '../../src/lab/campaign/campaign.ts';
import { compare } from '../../src/lab/campaign/compare.ts';
import { Database } from '../../src/lab/campaign/database.ts';
import { FORMATS, type Format } from '../../src/lab/campaign/export.ts';
import { type CampaignPlan, readPlan, resolvePlan } from '../../src/lab/campaign/plan-file.ts';
import { threats } from '../../src/lab/campaign/threats.ts';
import type { Job } from '../../src/lab/job.ts';
import { macroName } from '../../src/lab/render/latex.ts';
import { appendResult, readResults } from '../../src/lab/store.ts';
import { parseWat } from '../../src/wasm/wat.ts';
import { ROOT, WYNAMO, wynamo } from '../cli/harness.ts';
import { hasProgram } from '../export/readers.ts';
import { COMMAND, COUNTS, sampleOf } from './fixture.ts';

/** Times that depend on nothing but the job: `trace` is twice as fast as `turbofan`. */
function madeUp(job: Job) {
  const ms = job.config.startsWith('trace') ? 5 : 10;
  const calls = [30, 20, ...Array.from({ length: 12 }, (_, i) => ms + 0.01 * ((i + job.rep) % 3))];
  return { wall: 10 * ms + job.rep, sample: sampleOf(calls, job.measure === 'count' ? { counts: COUNTS } : {}) };
}

/** Name of the root element; throws unless every element is closed. */
function wellFormed(xml: string): string {
  const open: string[] = [];
  let root = '';
  for (const [, close, name, self] of xml.matchAll(/<(\/?)([\w:]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (close) expect(open.pop()).to.equal(name);
    else if (!self) {
      root ||= name!;
      open.push(name!);
    }
  }
  expect(open).to.deep.equal([]);
  expect(xml.replaceAll(/<\/?[\w:]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '')).to.not.match(/[<>]/);
  return root;
}

describe('campaigns', () => {
  let dir: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'wynamo-campaign-'));
    mkdirSync(join(dir, 'toys'));
    const bytes = await parseWat(COMMAND, 'hello.wat');
    for (const name of ['a', 'b', 'c']) writeFileSync(join(dir, `toys/${name}.wasm`), bytes);
  });
  after(() => rmSync(dir, { recursive: true }));

  const plan = (more: object = {}): Promise<CampaignPlan> =>
    resolvePlan(
      {
        workloads: ['toys'],
        configs: ['default', 'turbofan', 'trace'],
        baseline: 'turbofan',
        reps: 3,
        control: false,
        ...more,
      },
      'test',
      dir,
    );
  const measured = async (name: string, more: object = {}, part?: readonly [number, number]) => {
    const campaign = Campaign.begin(await plan(more), join(dir, name));
    await campaign.run({ quiet: true, run: madeUp, ...(part ? { part } : {}) });
    return campaign;
  };
  const refused = async (promise: Promise<unknown>, text: RegExp) => {
    const error = await promise.then(
      () => 'nothing',
      (e: unknown) => e,
    );
    expect(error).to.be.instanceOf(UserError);
    expect((error as Error).message).to.match(text);
  };

  it('have plans that sweep and ablate', async () => {
    const { configs } = await plan({
      configs: ['turbofan'],
      sweep: { config: 'trace', options: { hotLoop: [1, 2], hotExit: [3] } },
      ablation: { passes: ['licm'] },
    });
    expect(configs).to.deep.equal([
      'turbofan',
      'trace+hotLoop=1+hotExit=3',
      'trace+hotLoop=2+hotExit=3',
      'counted',
      'counted+passes=O0',
      'counted+passes=O3,-licm',
      'counted+passes=O0,+licm',
    ]);
  });

  it('refuse plans with one sentence', async () => {
    await refused(plan({ workload: [] }), /no field 'workload'; did you mean 'workloads'/);
    await refused(plan({ workloads: 'toys' }), /workloads takes a list of texts/);
    await refused(plan({ configs: ['tarce'] }), /did you mean 'trace'/);
    await refused(plan({ metrics: ['covrage'] }), /did you mean 'coverage'/);
    await refused(plan({ measures: ['fast'] }), /no measure 'fast'/);
    await refused(plan({ reps: -1 }), /reps takes a positive number, not -1/);
    await refused(plan({ baseline: 'host' }), /baseline 'host' is not among the configs/);
    await refused(plan({ sweep: { config: 'trace', options: { hotLoop: 3 } } }), /list of values/);
    await refused(plan({ ablation: { passes: ['lcm'] } }), /no pass 'lcm'/);
    await refused(resolvePlan([], 'x', dir), /a plan is an object/);
  });

  it('are shipped as plans that can be read', async () => {
    const folder = join(ROOT, 'benchmarks/plans');
    for (const file of readdirSync(folder)) {
      const { workloads, configs } = await readPlan(join(folder, file));
      expect(workloads.length * configs.length, file).to.be.above(100);
    }
  });

  it('give the same rows from shards, merged', async () => {
    const whole = await measured('whole');
    const parts = [await measured('part1', {}, [1, 2]), await measured('part2', {}, [2, 2])];
    expect(parts[0]!.results().length).to.be.above(0).and.below(whole.results().length);
    const merged = Campaign.like(join(dir, 'merged'), parts[0]!);
    merged.merge(parts);
    merged.merge(parts);
    expect(merged.rows()).to.deep.equal(whole.rows());
    expect(merged.status()).to.deep.equal({ jobs: 63, done: 63, failed: 0 });
  });

  it('do not mix machines or engines silently', async () => {
    const one = await measured('here');
    const { plan: same } = one.about;
    appendResult(one.raw, { ...readResults(one.raw)[0]!, key: 'x', site: 'Node 99, another machine' });
    expect(() => Campaign.begin(same, one.folder)).to.throw(UserError, /another machine, and this is Node/);
    Campaign.begin(same, one.folder, true);
  });

  it('compare as a gate: slower is what lies wholly beyond the tolerance', async () => {
    const rows = (await measured('before')).rows();
    expect(compare(rows, rows, 0.01).changes.map((c) => c.verdict)).to.not.include('slower');
    const slow = structuredClone(rows);
    const cell = slow[0]!.cells.trace!;
    cell.steady!.times = cell.steady!.times.map((t) => t * 1.1);
    const found = compare(rows, slow, 0.01).changes.filter((c) => c.verdict !== 'same');
    expect(found.map((c) => [c.workload, c.config, c.what, c.verdict])).to.deep.equal([
      ['toys/a', 'trace', 'steady', 'slower'],
    ]);
    expect(compare(rows, slow, 0.2).changes.every((c) => c.verdict === 'same')).to.equal(true);
    expect(compare(slow, rows, 0.01).changes.filter((c) => c.verdict === 'faster')).to.have.length(1);
    slow[0]!.cells.trace!.counts!.instructions.total++;
    expect(compare(rows, slow, 0.2).differences[0]).to.match(/^toys\/a, trace: instructions\.total is 1000/);
  });

  it('have an A/A control, and tell what to bear in mind', async () => {
    const campaign = await measured('control', { control: true, reps: 2 });
    expect(campaign.about.plan.configs).to.deep.equal(['default', 'turbofan', 'trace', 'turbofan@2', 'trace@2']);
    const rows = campaign.rows();
    const { plan: p, provenance } = campaign.about;
    const quiet = { ...provenance, load: 0 };
    const text = threats(p, rows, quiet, ['here']).join('\n');
    expect(text).to.match(/from 2 processes a figure/);
    expect(text).to.not.match(/noise|load|steady states are|2 machines/);
    const loud = structuredClone(rows);
    for (const row of loud) {
      const { steady } = row.cells['trace@2']!;
      steady!.times = steady!.times.map((t) => t * 1.2);
      steady!.class = 'slowdown';
    }
    const worse = threats(p, loud, { ...provenance, load: 9, cores: 2 }, ['here', 'there']).join('\n');
    expect(worse).to.match(/twice \(trace, steady\) differs by 16\.\d %/);
    expect(worse)
      .to.match(/load was 9\.00/)
      .and.to.match(/2 machines/)
      .and.to.match(/3 of 15 steady states/);
    const none = threats({ ...p, configs: ['turbofan', 'trace'] }, rows, quiet, ['here']).join('\n');
    expect(none).to.match(/There is no A\/A control/);
  });

  it('keep everything in a database that can be asked', async () => {
    const campaign = await measured('database');
    const path = join(dir, 'x.sqlite');
    for (let i = 0; i < 2; i++) {
      const db = new Database(path);
      db.add(campaign.results());
      db.setFigures(campaign.rows(), 'turbofan');
      db.setProvenance(campaign.about.provenance);
      db.close();
    }
    const db = new DatabaseSync(path);
    const one = (sql: string) => Object.values(db.prepare(sql).get()!)[0];
    expect(one('SELECT count(*) FROM result')).to.equal(campaign.results().length);
    expect(one("SELECT min(ms) FROM iteration JOIN result USING (key) WHERE config = 'trace'")).to.equal(5);
    expect(
      one("SELECT value FROM figure WHERE workload = 'toys/a' AND config = 'trace' AND metric = 'coverage'"),
    ).to.equal(0.9);
    expect(one("SELECT value FROM provenance WHERE name = 'node'")).to.equal(process.version);
    db.close();
  });

  it('export tables, macros and charts', async () => {
    const campaign = await measured('export', {
      sweep: { config: 'trace', options: { hotLoop: [1, 2], hotExit: [3, 4] } },
      ablation: { passes: ['licm', 'cse'] },
      metrics: ['speedup', 'coverage', 'cover-90', 'completion', 'code-expansion', 'transitions'],
    });
    const rows = campaign.rows();
    const files: Record<string, string> = {};
    for (const format of Object.keys(FORMATS) as Format[])
      Object.assign(files, await FORMATS[format].files(campaign, rows));
    expect(Object.keys(files)).to.include.members([
      'figures.json',
      'figures.csv',
      'report.md',
      'macros.tex',
      'steady.tex',
      'whole.tex',
      'metrics-trace.tex',
      'speed-steady.svg',
      'speed-whole.svg',
      'coverage.svg',
      'warm-up.svg',
      'heat.svg',
      'sweep.svg',
      'sweep-heat.svg',
      'ablation.svg',
    ]);
    const macros = files['macros.tex']!;
    expect(macros).to.match(/\\newcommand\{\\wySpeedTraceMean\}\{(2|2\.00|1\.99|2\.01)\}/);
    expect(macros).to.include('\\newcommand{\\wyCoverageTraceToysA}{0.900}');
    // 80 of 90 trips and 8 of 8 passes without a loop come to their end; 8 of 10 exits are linked; 150 bytes of 1,500.
    expect(macros).to.include('\\newcommand{\\wyCompletionTraceToysA}{0.898}');
    expect(macros).to.include('\\newcommand{\\wyTransitionsTraceToysA}{8}');
    expect(macros).to.include('\\newcommand{\\wyCodeExpansionTraceToysA}{0.100}');
    expect(macros).to.include('\\newcommand{\\wyCoverNineZeroTraceToysA}{2}');
    for (const line of macros.trim().split('\n')) expect(line).to.match(/^\\newcommand\{\\[A-Za-z]+\}\{[-\d.e+]+\}$/);
    expect(files['steady.tex']).to.match(/\\toprule[\s\S]*\\midrule[\s\S]*toys\/a & 10\.0 [\s\S]*\\bottomrule/);
    for (const [name, text] of Object.entries(files).filter(([name]) => name.endsWith('.svg'))) {
      expect(wellFormed(text), name).to.equal('svg');
      expect(text, name).to.not.match(/NaN|undefined|Infinity/);
    }
    expect(macroName('crc32.O3')).to.equal('CrcThreeTwoOThree');
    expect(macroName('trace+passes=O3,-licm')).to.not.equal(macroName('trace+passes=O3,+licm'));
  });

  it('pdflatex typesets the tables and macros', async function () {
    if (!hasProgram('pdflatex')) {
      console.log('      skipped: needs pdflatex with booktabs (texlive-latex-recommended)');
      this.skip();
    }
    const campaign = await measured('paper', { metrics: ['speedup', 'coverage', 'exit-rate'] });
    const files = await FORMATS.latex.files(campaign, campaign.rows());
    const folder = join(dir, 'paper');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const tables = Object.keys(files).filter((name) => name !== 'macros.tex');
    expect(tables).to.have.members(['steady.tex', 'whole.tex', 'metrics-trace.tex']);
    const paper = [
      '\\documentclass{article}\\usepackage{booktabs}\\input{macros.tex}\\begin{document}',
      ...tables.map((name) => `\\input{${name}}\n`),
      '\\typeout{figures: \\wySpeedTraceMean\\space\\wyCoverageTraceToysA\\space\\wyPrograms}\\end{document}',
    ];
    writeFileSync(join(folder, 'paper.tex'), paper.join('\n'));
    const { status, stdout } = spawnSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', 'paper.tex'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status, stdout).to.equal(0);
    expect(stdout)
      .to.match(/^figures: (2|2\.00|1\.99|2\.01) 0\.900 3$/m)
      .and.match(/Output written on paper\.pdf/);
  });

  it('killed ten times end with the same table', async () => {
    const file = join(dir, 'kill.json');
    writeFileSync(
      file,
      JSON.stringify({
        workloads: ['toys'],
        configs: ['default', 'trace'],
        measures: ['count', 'first'],
        control: false,
        reps: 2,
        metrics: ['instructions', 'coverage', 'fragments'],
      }),
    );
    const folder = join(dir, 'killed');
    const raw = join(folder, 'raw.jsonl');
    for (let kill = 0; kill < 10; kill++) {
      const child = spawn(process.execPath, [WYNAMO, 'campaign', 'run', file, '-o', folder], {
        cwd: ROOT,
        stdio: 'ignore',
        detached: true,
      });
      // Some at any moment, some a moment after the next result: on a busy machine nothing would be kept otherwise.
      const had = readResults(raw).length;
      while (kill % 5 === 4 && child.exitCode === null && readResults(raw).length === had) await sleep(20);
      await sleep((kill * 137) % 500);
      // With its measured process, as a lost terminal would.
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // Over already.
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    const before = readResults(raw).length;
    const { stderr, status } = wynamoLong(['campaign', 'run', file, '-o', folder]);
    expect({ status, stderr: stderr.replaceAll(/^\d+\/.*\n/gm, '') }).to.deep.equal({ status: 0, stderr: '' });
    expect(wynamoLong(['campaign', 'run', file, '-o', join(dir, 'never-killed')]).status).to.equal(0);
    const metrics = (of: string) =>
      Campaign.open(of)
        .rows()
        .map((row) => ({ id: row.id, counts: row.cells.trace!.counts, wrong: row.disagreements }));
    expect(metrics(folder)).to.deep.equal(metrics(join(dir, 'never-killed')));
    expect(metrics(folder)[0]!.counts!.instructions.total).to.be.above(100_000);
    // Nothing was measured twice, and something survived the kills.
    expect(readResults(raw)).to.have.length(18);
    expect(before).to.be.above(0);
  });

  /** Campaigns of real processes take longer than the harness allows a guest. */
  const wynamoLong = (args: string[]) => wynamo(args, '', dir);

  it('are driven from the command line', () => {
    const folder = join(dir, 'never-killed');
    expect(wynamo(['campaign', 'status', folder]).stdout).to.match(/^kill: 18 of 18 jobs done\n/);
    expect(wynamo(['campaign', 'report', folder]).stdout).to.match(/## coverage \(share\)[\s\S]*toys\/b/);
    const out = wynamo(['campaign', 'export', folder, '--format=csv', '-o', join(dir, 'out')]);
    expect(out.stdout.trim()).to.equal(join(dir, 'out/figures.csv'));
    expect(readFileSync(join(dir, 'out/figures.csv'), 'utf8')).to.match(
      /toys,toys\/a,trace,trace,instructions,instructions,count,/,
    );
    expect(wynamo(['campaign', 'compare', folder, folder]).status).to.equal(0);
    const mistakes: [string[], RegExp][] = [
      [[], /campaign what\?/],
      [['runn'], /did you mean 'run'/],
      [['run'], /which plan\?/],
      [['run', 'none.json'], /no plan 'none.json'/],
      [['run', join(dir, 'kill.json'), '--shard=3/2'], /--shard takes I\/N/],
      [['run', join(dir, 'kill.json'), '--jobs=0'], /--jobs takes a number from 1, not '0'/],
      [['status', dir], /is no campaign/],
      [['export', folder, '--format=pdf'], /no format 'pdf'/],
      [['merge', folder], /needs the folder/],
      [['run', '--hot-loop=3'], /has no flag --hot-loop/],
    ];
    for (const [args, text] of mistakes) {
      const { status, stderr } = wynamo(['campaign', ...args]);
      expect(status, args.join(' ')).to.equal(2);
      expect(stderr)
        .to.match(text)
        .and.to.match(/^wynamo: [^\n]*\n$/);
    }
  });
});
