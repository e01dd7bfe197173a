/** `wynamo campaign`: experiments by a plan, from the first process to the figures of a paper. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, unknownName } from '../../errors.ts';
import type { Campaign } from '../../lab/campaign/campaign.ts';
import type { Command } from '../command.ts';
import type { Parsed } from '../flag.ts';
import { print, writeOutput } from '../output.ts';

const own = (parsed: Parsed, flag: string) => parsed.own.get(flag)?.at(-1);

/** Subcommands: a row each. The result is the exit status. */
const ACTIONS: Readonly<Record<string, (args: readonly string[], parsed: Parsed) => Promise<number>>> = {
  run,
  status,
  report,
  export: exportTo,
  compare,
  merge,
};

export const command: Command = {
  usage: 'run PLAN | status|report|export|merge DIR... | compare DIR DIR',
  about:
    'run executes a plan (a JSON file or a script: workloads, configurations, repetitions, metrics) in separate processes ' +
    'and random order, and goes on where it was when it was stopped; every raw figure is kept in a folder. status tells how ' +
    'far it is, report prints tables, export writes files for papers, compare is a gate for regressions (status 1 when a ' +
    'figure got slower), merge puts shards together.',
  machine: false,
  flags: [
    {
      flag: 'output',
      short: 'o',
      value: 'DIR',
      doc: "folder of the campaign (run: the plan's name with .campaign), of exported files (export: DIR/export), or of what is merged",
    },
    { flag: 'shard', value: 'I/N', doc: 'run: only part I of N, by workload; merge puts the parts together' },
    {
      flag: 'jobs',
      value: 'N',
      doc: 'run: counting processes beside each other (as many as there are processors); what is timed runs alone',
    },
    { flag: 'mix', doc: 'run, merge: takes results of different machines or engines together' },
    { flag: 'format', value: 'LIST', doc: 'export: json, csv, markdown, latex, svg (all)' },
    { flag: 'tolerance', value: 'PERCENT', doc: 'compare: what is still the same (1)' },
  ],
  async run(parsed) {
    const [action, ...args] = parsed.positionals;
    const names = Object.keys(ACTIONS);
    if (action === undefined) throw new UserError(`campaign what? There are ${names.join(', ')}`);
    const body = ACTIONS[action];
    if (!body) throw new UserError(unknownName('campaign command', action, names));
    return body(args, parsed);
  },
};

const load = async () => (await import('../../lab/campaign/campaign.ts')).Campaign;

function one(args: readonly string[], what: string): string {
  const [path, more] = args;
  if (path === undefined) throw new UserError(`which ${what}?`);
  if (more !== undefined) throw new UserError(`one ${what} at a time, not '${more}' too`);
  return path;
}

function shardOf(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const m = /^(\d+)\/(\d+)$/.exec(text);
  const [i, n] = [Number(m?.[1]), Number(m?.[2])];
  if (!m || i < 1 || i > n) throw new UserError(`--shard takes I/N with I from 1 to N, not '${text}'`);
  return [i, n];
}

function jobsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new UserError(`--jobs takes a number from 1, not '${text}'`);
  return Number(text);
}

async function run(args: readonly string[], parsed: Parsed): Promise<number> {
  const path = one(args, 'plan');
  const part = shardOf(own(parsed, 'shard'));
  const jobs = jobsOf(own(parsed, 'jobs'));
  const { readPlan } = await import('../../lab/campaign/plan-file.ts');
  const plan = await readPlan(path);
  const folder = own(parsed, 'output') ?? `${path.replace(/\.\w+$/, '')}.campaign`;
  const mix = parsed.own.has('mix');
  const campaign = (await load()).begin(plan, folder, mix);
  await campaign.run({ ...(part ? { part } : {}), ...(jobs ? { jobs } : {}) });
  return finish(campaign, plan.baseline);
}

/** Fills the database and tells what is wrong with the results: counts and outcomes that differ are errors. */
async function finish(campaign: Campaign, baseline: string): Promise<number> {
  const { Database } = await import('../../lab/campaign/database.ts');
  const results = campaign.results();
  const rows = campaign.rows(results);
  const database = new Database(join(campaign.folder, 'results.sqlite'));
  database.setProvenance({ ...campaign.about.provenance, site: campaign.about.site, plan: campaign.about.plan });
  database.add(results);
  database.setFigures(rows, baseline);
  database.close();
  const wrong = rows.flatMap((row) => [...row.disagreements, ...row.errors].map((text) => `${row.id}: ${text}`));
  for (const text of wrong) print(`wynamo: ${text}\n`, 2);
  print(`${campaign.folder}: ${results.length} results, ${rows.length} workloads\n`);
  return wrong.length ? 1 : 0;
}

async function status(args: readonly string[]): Promise<number> {
  const campaign = (await load()).open(one(args, 'campaign'));
  const { jobs, done, failed } = campaign.status();
  const { plan, provenance } = campaign.about;
  print(
    `${plan.name}: ${done} of ${jobs} jobs done${failed ? `, ${failed} of them failed` : ''}\n` +
      `${plan.workloads.length} workloads, ${plan.configs.length} configurations, measures ${plan.measures.join(', ')}, ${plan.reps} repetitions\n` +
      `begun ${provenance.date} on ${campaign.sites().join(' and ') || campaign.about.site}\n`,
  );
  return 0;
}

async function report(args: readonly string[], parsed: Parsed): Promise<number> {
  const campaign = (await load()).open(one(args, 'campaign'));
  const { reportText } = await import('../../lab/campaign/export.ts');
  const text = reportText(campaign);
  const path = own(parsed, 'output');
  if (path === undefined) print(text);
  else writeOutput(path, text);
  return 0;
}

async function exportTo(args: readonly string[], parsed: Parsed): Promise<number> {
  const campaign = (await load()).open(one(args, 'campaign'));
  const { FORMATS } = await import('../../lab/campaign/export.ts');
  const known = Object.keys(FORMATS);
  const formats = own(parsed, 'format')?.split(',') ?? known;
  const folder = own(parsed, 'output') ?? join(campaign.folder, 'export');
  const rows = campaign.rows();
  mkdirSync(folder, { recursive: true });
  for (const name of formats) {
    if (!known.includes(name)) throw new UserError(unknownName('format', name, known));
    const files = await FORMATS[name as keyof typeof FORMATS].files(campaign, rows);
    for (const [file, text] of Object.entries(files)) {
      writeOutput(join(folder, file), text);
      print(`${join(folder, file)}\n`);
    }
  }
  return 0;
}

async function compare(args: readonly string[], parsed: Parsed): Promise<number> {
  const [before, after, more] = args;
  if (before === undefined || after === undefined || more !== undefined)
    throw new UserError('compare takes two campaigns');
  const percent = Number(own(parsed, 'tolerance') ?? 1);
  if (!(percent >= 0)) throw new UserError(`--tolerance takes a percentage, not '${own(parsed, 'tolerance')}'`);
  const campaigns = await load();
  const { compare: compareRows, comparisonText } = await import('../../lab/campaign/compare.ts');
  const [a, b] = [campaigns.open(before), campaigns.open(after)];
  if (a.about.site !== b.about.site && !parsed.own.has('mix')) {
    throw new UserError(
      `${before} is from ${a.about.site}, ${after} from ${b.about.site}: times of different engines or machines are not compared; say --mix to do it`,
    );
  }
  const found = compareRows(a.rows(), b.rows(), percent / 100);
  print(comparisonText(found, percent / 100));
  return found.changes.some((change) => change.verdict === 'slower') ? 1 : 0;
}

async function merge(args: readonly string[], parsed: Parsed): Promise<number> {
  const folder = own(parsed, 'output');
  if (folder === undefined) throw new UserError('merge needs the folder to write to: -o DIR');
  if (args.length === 0) throw new UserError('which campaigns? give their folders');
  const campaigns = await load();
  const parts = args.map((path) => campaigns.open(path));
  const { existsSync } = await import('node:fs');
  const target = existsSync(join(folder, 'campaign.json')) ? campaigns.open(folder) : campaigns.like(folder, parts[0]!);
  target.merge(parts, parsed.own.has('mix'));
  return finish(target, target.about.plan.baseline);
}
