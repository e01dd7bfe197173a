/**
 * A campaign is a folder: `campaign.json` (the plan in full, provenance, digests), `raw.jsonl` (every result as it came),
 * `results.sqlite` (the same for queries). It can be continued, merged with shards from elsewhere, reported and compared.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { configOf, isBest } from '../config.ts';
import { execute } from '../execute.ts';
import type { Job, Result } from '../job.ts';
import { METRIC_BY_NAME } from '../metrics.ts';
import { Pace } from '../pace.ts';
import { jobsOf, type Plan } from '../plan.ts';
import { filesDigest, type Provenance, provenance, siteName, toolDigest } from '../provenance.ts';
import type { RunSettings, runJob } from '../run.ts';
import { appendResult, jobKey, readResults } from '../store.ts';
import { type Row, summarize } from '../summary.ts';
import type { CampaignPlan } from './plan-file.ts';

/** The file `campaign.json`. */
export interface About {
  schema: 1;
  plan: CampaignPlan;
  provenance: Provenance;
  site: string;
  tool: string;
  /** SHA-256 of the guest by workload. */
  guests: Record<string, string>;
}

export interface RunOptions {
  part?: readonly [number, number];
  /** Counting processes beside each other; as many as the machine has processors by default. */
  jobs?: number;
  /** Goes on although results were made elsewhere. */
  mix?: boolean;
  quiet?: boolean;
  /** Runs a job; for tests. */
  run?: typeof runJob;
}

const settingsOf = ({ budget, timeout, size }: CampaignPlan): RunSettings => ({
  budget,
  timeout,
  ...(size ? { size } : {}),
});
const planOf = ({ workloads, timed, configs, measures, reps, countReps, seed }: CampaignPlan): Plan => ({
  workloads,
  timed,
  configs,
  measures,
  reps,
  countReps,
  seed,
});

export class Campaign {
  readonly folder: string;
  readonly about: About;

  private constructor(folder: string, about: About) {
    this.folder = folder;
    this.about = about;
  }

  get raw(): string {
    return join(this.folder, 'raw.jsonl');
  }

  /** A campaign that is there. */
  static open(folder: string): Campaign {
    const path = join(folder, 'campaign.json');
    if (!existsSync(path))
      throw new UserError(`${folder} is no campaign: it has no campaign.json (wynamo campaign run PLAN makes one)`);
    let about: Partial<About> | null = null;
    try {
      about = JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    // The file is written as a whole, so what is there is either all of it or something else.
    if (about?.schema !== 1 || !about.plan)
      throw new UserError(`${path} is damaged or of another version; wynamo campaign run PLAN in a new folder`);
    return new Campaign(folder, about as About);
  }

  /** Begins a campaign, or goes on with the one in the folder. */
  static begin(plan: CampaignPlan, folder: string, mix = false): Campaign {
    const site = siteName();
    const tool = toolDigest();
    const guests = Object.fromEntries(plan.workloads.map((w) => [w.id, filesDigest(w.files)]));
    mkdirSync(folder, { recursive: true });
    const others = new Set(readResults(join(folder, 'raw.jsonl')).map((r) => r.site));
    others.delete(site);
    if (others.size && !mix) {
      throw new UserError(
        `${folder} holds results from ${[...others].join(' and ')}, and this is ${site}: results of different engines or ` +
          'machines are not mixed; choose another folder with -o, or say --mix',
      );
    }
    const configs = plan.configs.flatMap((name) => {
      const config = configOf(name);
      return isBest(config) ? [name, ...config.best] : [name];
    });
    const about: About = { schema: 1, plan, provenance: provenance(tool, configs), site, tool, guests };
    const campaign = new Campaign(folder, about);
    campaign.save();
    return campaign;
  }

  /** Written beside and renamed: a process that dies leaves the old file or the new one. */
  private save(): void {
    const path = join(this.folder, 'campaign.json');
    writeFileSync(`${path}.new`, `${JSON.stringify(this.about, null, 1)}\n`);
    renameSync(`${path}.new`, path);
  }

  /** Runs what is missing. */
  async run({ part, jobs = availableParallelism(), quiet, run }: RunOptions = {}): Promise<void> {
    const { plan } = this.about;
    const together = run || plan.metrics.some((name) => METRIC_BY_NAME.get(name)!.parts) ? {} : { together: jobs };
    const until = plan.until === null ? {} : { until: { share: plan.until / 100, most: plan.reps * 4 } };
    await execute({
      plan: planOf(plan),
      settings: settingsOf(plan),
      raw: this.raw,
      ...together,
      ...until,
      pace: plan.calm ? new Pace() : null,
      ...(part ? { part } : {}),
      ...(quiet ? { quiet } : {}),
      ...(run ? { run } : {}),
    });
  }

  private key(job: Job, site: string): string {
    const { plan, tool, guests } = this.about;
    const workload = plan.workloads.find((w) => w.id === job.workload);
    if (!workload) return '';
    return jobKey(job, { workload, guest: guests[job.workload]!, tool, site, settings: settingsOf(plan) });
  }

  /** Results that are of this plan, these guests and this tool; the last one of each job, from whichever machine. */
  results(): Result[] {
    const found = new Map<string, Result>();
    for (const result of readResults(this.raw)) {
      const { workload, config, measure, rep } = result;
      if (!this.about.plan.configs.length || result.key !== this.key({ workload, config, measure, rep }, result.site))
        continue;
      found.set(result.key, result);
    }
    // The order of the table does not depend on the order of the runs.
    return [...found.values()].sort((a, b) => a.rep - b.rep || (a.key < b.key ? -1 : 1));
  }

  /** Machines and engines that the results come from. */
  sites(): string[] {
    return [...new Set(this.results().map((r) => r.site))];
  }

  rows(results = this.results()): Row[] {
    const { plan, guests } = this.about;
    const of = Map.groupBy(results, (r) => r.workload);
    return plan.workloads.map((w) => summarize(w, guests[w.id]!, of.get(w.id) ?? [], plan.configs));
  }

  /** Jobs of the plan, and how many of them are done or failed. Repetitions that the variance asks for are not known. */
  status(): { jobs: number; done: number; failed: number } {
    const done = new Map(this.results().map((r) => [`${r.workload} ${r.config} ${r.measure} ${r.rep}`, r]));
    const jobs = jobsOf(planOf(this.about.plan));
    const there = jobs.flatMap((j) => done.get(`${j.workload} ${j.config} ${j.measure} ${j.rep}`) ?? []);
    return { jobs: jobs.length, done: there.length, failed: there.filter((r) => r.error).length };
  }

  /** Takes over the results of other folders (shards). They must be of the same plan, and of one site unless mixed. */
  merge(others: readonly Campaign[], mix = false): void {
    const sites = new Set([this, ...others].flatMap((c) => c.sites()));
    if (sites.size > 1 && !mix) {
      throw new UserError(
        `the folders come from ${[...sites].join(' and ')}: results of different engines or machines are not mixed; say --mix to do it`,
      );
    }
    const known = new Set(this.results().flatMap((r) => (r.error ? [] : [r.key])));
    for (const other of others) {
      const { tool, guests } = other.about;
      if (tool !== this.about.tool)
        throw new UserError(`${other.folder} was measured with another version of the tool`);
      for (const [id, digest] of Object.entries(guests)) {
        if (this.about.guests[id] !== digest) throw new UserError(`${other.folder} was measured with another ${id}`);
      }
      for (const result of other.results()) {
        if (known.has(result.key)) continue;
        known.add(result.key);
        appendResult(this.raw, result);
      }
    }
  }

  /** A new folder with the plan of another one and no results. */
  static like(folder: string, other: Campaign): Campaign {
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(other.folder, 'campaign.json'), join(folder, 'campaign.json'));
    return Campaign.open(folder);
  }
}
