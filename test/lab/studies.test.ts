// Shipped studies: their plans hold, their pages have the figures of the campaign, their charts, and threats to validity.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { STUDIES } from '../../benchmarks/studies/catalogue/index.ts';
import { pageOf } from '../../benchmarks/studies/page.ts';
import { Campaign } from '../../src/lab/campaign/campaign.ts';
import { resolvePlan } from '../../src/lab/campaign/plan-file.ts';
import type { Job } from '../../src/lab/job.ts';
import { COUNTS, sampleOf } from './fixture.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SUITES = join(ROOT, 'benchmarks/suites');

/** Twice as fast where traps are left to the host, with NET, or natively. */
function madeUp({ config, rep, measure }: Job) {
  const ms = /hosttraps|net$|^default/.test(config) ? 5 : 10;
  return {
    wall: 10 * ms + rep,
    sample: sampleOf([30, 20, ...Array.from({ length: 12 }, (_, i) => ms + 0.001 * (i % 3))], {
      ...(measure === 'count' && config !== 'monitored' ? { counts: COUNTS } : {}),
    }),
  };
}

describe('studies', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'wynamo-study-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  /** A figure that each page has to have, from the times above. */
  const FIGURES: Record<string, RegExp> = {
    selection: /\| `lei` \| 0\.50 /,
    optimizations: /\| inlining in regions \| `--max-inline=0` \| 1\.00 [\s\S]*run 2\.00 .*times as fast/,
    everything: /at least 2 of each[\s\S]*All are equal[\s\S]*\| `coverage` \| share \| 0\.9 \| 0\.9 /,
    'warm-up': /\| `trace` \| 3 warm-up \| 2 \| 0\.50 /,
  };

  for (const study of STUDIES) {
    it(study.name, async () => {
      const full = await resolvePlan(study.plan(false), study.name, SUITES);
      // Selection is about regions, which are counted in everything that there is.
      expect(full.workloads.length).to.be.greaterThan(/selection|everything/.test(study.name) ? 60 : 5);
      if (full.measures.includes('steady')) expect(full.timed!.length).to.be.greaterThan(5);
      const plan = await resolvePlan(study.plan(true), study.name, SUITES);
      const campaign = Campaign.begin(plan, join(dir, study.name));
      await campaign.run({ quiet: true, run: madeUp });
      const files = await pageOf(study, campaign, 'the command');
      const page = files[`${study.name}.md`]!;
      expect(page).to.match(FIGURES[study.name]!);
      expect(page).to.include('## Threats to validity').and.include('`the command`');
      const charts = [...page.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map((m) => m[1]!);
      expect(charts).to.not.be.empty;
      for (const chart of charts) expect(files[chart], chart).to.match(/^<svg/);
      expect(Object.keys(files)).to.have.members([`${study.name}.md`, ...charts]);
    });
  }

  it('name what is wrong', () => {
    const run = (...args: string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'benchmarks/studies/run.ts'), ...args], {
        encoding: 'utf8',
      });
      return { status, stderr: stderr.trim() };
    };
    expect(run()).to.deep.equal({
      status: 2,
      stderr: 'study: which study? There are selection, optimizations, warm-up, everything',
    });
    expect(run('selektion')).to.deep.equal({
      status: 2,
      stderr: "study: there is no study 'selektion'; did you mean 'selection'?",
    });
    expect(run('selection', '--reps=0')).to.deep.equal({
      status: 2,
      stderr: "study: --reps takes a whole number from 1, not '0'",
    });
  });
});
