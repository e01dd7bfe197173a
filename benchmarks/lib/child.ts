/**
 * The measured process: does one job, given as JSON in its argument, and prints its sample as JSON. It imports as little
 * as it can, since the whole process is timed.
 */

import { CONFIGS, type Config } from './configs.ts';
import { instantiator } from './instantiate.ts';
import type { Job, Sample } from './job.ts';
import { open, workload } from './workloads.ts';

/** Most calls of a steady-state measurement. */
const MOST_CALLS = 400;

async function sample(job: Job): Promise<Sample> {
  const row = workload(job.workload);
  const config: Config = CONFIGS[job.config];
  const size = job.measure === 'first' ? 'large' : 'medium';
  const n = row.sizes[size];

  const begin = performance.now();
  const opened = await open(row, await instantiator(config.mode, config.options));
  const openTime = performance.now() - begin;

  const total = (pick: (s: { total: number; fragments: number }) => number) =>
    opened.machines.reduce((sum, m) => sum + pick(m.stats().instructions), 0);
  const calls: number[] = [];
  let before = { total: 0, fragments: 0 };
  const start = performance.now();
  do {
    if (opened.machines.length) before = { total: total((s) => s.total), fragments: total((s) => s.fragments) };
    const t = performance.now();
    const result = opened.call(n);
    calls.push(performance.now() - t);
    if (result !== row.expected[size]) throw new Error(`${row.id} gave ${result} instead of ${row.expected[size]}`);
  } while (
    job.measure === 'steady' &&
    calls.length < MOST_CALLS &&
    (calls.length < config.leastCalls || performance.now() - start < job.budget)
  );

  const usage = process.resourceUsage();
  const out: Sample = {
    open: openTime,
    calls: calls.map((t) => Math.round(t * 1e4) / 1e4),
    cpu: (usage.userCPUTime + usage.systemCPUTime) / 1000,
    rss: usage.maxRSS * 1024,
  };
  if (opened.machines.length) {
    const all = { total: total((s) => s.total), fragments: total((s) => s.fragments) };
    out.instructions = all.total - before.total;
    out.coverage = all.fragments / all.total;
    out.lastCoverage = (all.fragments - before.fragments) / (all.total - before.total);
    const stats = opened.machines.map((m) => m.stats());
    out.time = {};
    for (const s of stats) for (const [k, v] of Object.entries(s.time_ms)) out.time[k] = (out.time[k] ?? 0) + v;
    out.traces = {
      recorded: stats.reduce((sum, s) => sum + s.traces.recorded, 0),
      compiled: stats.reduce((sum, s) => sum + s.traces.compiled, 0),
      aborted: stats.reduce((sum, s) => sum + Object.values(s.traces.aborted).reduce((a, b) => a + b, 0), 0),
    };
  }
  return out;
}

try {
  console.log(JSON.stringify(await sample(JSON.parse(process.argv[2] ?? '{}'))));
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
}
