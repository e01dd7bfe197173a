/**
 * Runs the jobs of a plan one after the other and keeps each result as soon as it is there. What is kept already is not
 * run again, so a run that was killed at any moment goes on where it was. Then it repeats where the variance is: pairs
 * whose interval is still wide get further processes.
 */
import { meanInterval } from '../stats/kalibera.ts';
import { classify } from '../stats/steady.ts';
import { expand } from './config.ts';
import type { Job, Result } from './job.ts';
import { quietCalls, SLOW } from './look.ts';
import type { Pace } from './pace.ts';
import { jobsOf, type Plan, shard } from './plan.ts';
import { progress } from './progress.ts';
import { filesDigest, siteName, toolDigest } from './provenance.ts';
import { type Ran, type RunSettings, runJob } from './run.ts';
import { appendResult, jobKey, readResults } from './store.ts';
import { groups, runGroup } from './together.ts';
import type { Workload } from './workload.ts';

/** How often, in the end, those are run again that met no quiet moment: neighbours stay for some seconds to minutes. */
const SECOND_CHANCES = 2;

export interface Execution {
  plan: Plan;
  settings: RunSettings;
  /** File of the raw results. */
  raw: string;
  /** Part of the jobs, from 1: `[2, 4]` is the second of four. */
  part?: readonly [number, number];
  /** Repeats until half the 95 % interval is at most this share of the mean, up to `most` processes. */
  until?: { share: number; most: number };
  /** Called with each result that is new. */
  kept?(result: Result): void;
  /**
   * Counts first, in processes that do several jobs each, so many beside each other. Not where milliseconds of the parts
   * of counting processes are wanted; then each job has a process of its own, one after the other.
   */
  together?: number;
  /** Times what is timed when the machine is at its usual best. */
  pace?: Pace | null;
  /** Without a line about the progress. */
  quiet?: boolean;
  /** Runs a job; for tests. */
  run?: typeof runJob;
}

export interface Executed {
  results: Result[];
  tool: string;
  /** SHA-256 by workload. */
  guests: ReadonlyMap<string, string>;
}

/** Runs what is missing and gives the results of all jobs of the plan, in the plan's order. */
export async function execute(execution: Execution): Promise<Executed> {
  const { plan, settings, raw, part, until, together, pace, run = runJob } = execution;
  const byId = new Map(plan.workloads.map((w) => [w.id, w]));
  const tool = toolDigest();
  const site = siteName();
  const guests = new Map(plan.workloads.map((w) => [w.id, filesDigest(w.files)]));
  const known = new Map(readResults(raw).map((result) => [result.key, result]));
  const results: Result[] = [];
  const primed = new Set<string>();

  const parted = (jobs: Job[]) => (part ? shard(jobs, ...part) : jobs);
  const jobs = parted(jobsOf(plan));
  const show = progress(jobs.length, execution.quiet);
  const keyOf = (job: Job) =>
    jobKey(job, { workload: byId.get(job.workload)!, guest: guests.get(job.workload)!, tool, site, settings });
  const nameOf = (job: Job) => `${job.workload} ${job.config} ${job.measure} #${job.rep}`;
  const keep = (job: Job, key: string, ran: Ran): Result => {
    const result = { ...job, key, date: new Date().toISOString(), site, ...ran };
    appendResult(raw, result);
    execution.kept?.(result);
    known.set(key, result);
    return result;
  };
  const timed = (job: Job, workload: Workload): Ran & { pace?: number } => {
    const ran = (usual?: number) => run(job, workload, usual === undefined ? settings : { ...settings, usual });
    if (!pace || job.measure === 'count') return ran();
    return job.measure === 'steady' ? pace.within(ran) : pace.run(() => ran());
  };
  const shown = new Set<string>();
  const one = (job: Job) => {
    const workload = byId.get(job.workload)!;
    const key = keyOf(job);
    let result = known.get(key);
    // A failure is tried again: it may have been the machine's fault, or the tool is right now.
    if (!result || result.error) {
      show.begin(nameOf(job));
      prime(job, workload);
      result = keep(job, key, timed(job, workload));
    }
    results.push(result);
    if (shown.has(key)) return;
    show.end(result.error ? `${job.workload}, ${job.config}, ${job.measure}: ${result.error}` : undefined);
  };
  /** Runs the job of a result once more, and keeps the one that met the quieter moment. */
  const again = (i: number) => {
    const job = results[i]!;
    show.begin(nameOf(job));
    const { workload, config, measure, rep, key } = job;
    const ran = timed(job, byId.get(workload)!);
    if (!ran.error && ran.pace! < job.pace!) results[i] = keep({ workload, config, measure, rep }, key, ran);
    show.end();
  };
  /** Counts that are missing. What failed in company is run alone afterwards, which tells why. */
  const countTogether = async (beside: number) => {
    const missing = jobs.flatMap((job) => (job.measure === 'count' && !known.get(keyOf(job))?.sample ? [job] : []));
    const waiting = groups(missing);
    const worker = async () => {
      for (let group = waiting.shift(); group; group = waiting.shift()) {
        show.begin(nameOf(group[0]!), group.length);
        await runGroup(group, byId.get(group[0]!.workload)!, settings, (job, ran) => {
          const key = keyOf(job);
          keep(job, key, ran);
          shown.add(key);
          show.end();
        });
      }
    };
    await Promise.all(Array.from({ length: beside }, worker));
  };
  /** Node's cache of compiled JavaScript belongs to a set of flags: the first process with them would pay for it. */
  const prime = (job: Job, workload: Workload) => {
    const what = `${job.config} ${workload.program.kind}`;
    if (primed.has(what) || run !== runJob) return;
    primed.add(what);
    run({ ...job, measure: 'first' }, workload, {
      ...settings,
      size: 'small',
      timeout: Math.min(settings.timeout, 10_000),
    });
  };

  if (together) await countTogether(together);
  for (const job of jobs) one(job);
  if (until) {
    for (let rep = plan.reps; rep < until.most; rep++) {
      const wide = parted(repeated(plan, results, rep, until.share));
      if (wide.length === 0) break;
      show.more(wide.length);
      for (const job of wide) one(job);
    }
  }
  for (let chance = 0; chance < SECOND_CHANCES; chance++) {
    const slow = results.flatMap(({ pace = 0, error }, i) => (pace > SLOW && !error ? [i] : []));
    show.more(slow.length);
    for (const i of slow) again(i);
  }
  show.done();
  return { results, tool, guests };
}

/** The next repetition of what is not yet known well enough. */
function repeated(plan: Plan, results: readonly Result[], rep: number, share: number): Job[] {
  const round = jobsOf({ ...plan, reps: rep + 1, seed: plan.seed + rep }).filter((job) => job.rep === rep);
  const width = (job: Job) => {
    const mine = results.filter(
      (r) => r.workload === job.workload && r.config === job.config && r.measure === job.measure,
    );
    const times = mine.flatMap((r) => {
      if (!r.sample) return [];
      return [[job.measure === 'first' ? r.wall : classify(quietCalls(r.sample)).time]];
    });
    if (times.length < 2) return 0;
    const { value, high } = meanInterval(times);
    return (high - value) / value;
  };
  return round.filter(
    (job) => job.measure !== 'count' && expand(plan.configs).includes(job.config) && width(job) > share,
  );
}
