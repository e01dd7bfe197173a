/**
 * `npm run study -- NAME [--quick] [--programs=LIST] [--output=DIR]`: runs a study and writes its page and charts into
 * `reports/`. Raw results stay in `reports/out/studies/`; a study that was stopped goes on where it was.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { script } from '../../scripts/arguments.ts';
import { UserError, unknownName } from '../../src/errors.ts';
import { Campaign } from '../../src/lab/campaign/campaign.ts';
import { resolvePlan } from '../../src/lab/campaign/plan-file.ts';
import { STUDIES } from './catalogue/index.ts';
import { pageOf } from './page.ts';

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url));
const SUITES = fileURLToPath(new URL('../suites/', import.meta.url));
const OPTIONS = {
  quick: { type: 'boolean', default: false },
  programs: { type: 'string' },
  reps: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const;

function parse() {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UserError((error as Error).message.split('. ')[0]!);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parse();
  const [name, more] = positionals;
  const names = STUDIES.map((study) => study.name);
  if (name === undefined) throw new UserError(`which study? There are ${names.join(', ')}`);
  if (more !== undefined) throw new UserError(`one study at a time, not '${more}' too`);
  const study = STUDIES.find((s) => s.name === name);
  if (!study) throw new UserError(unknownName('study', name, names));
  const { quick, programs, reps } = values;
  if (reps !== undefined && !/^[1-9]\d*$/.test(reps))
    throw new UserError(`--reps takes a number from 1, not '${reps}'`);
  const raw = {
    ...study.plan(quick),
    ...(programs === undefined ? {} : { workloads: programs.split(','), timed: programs.split(',') }),
    ...(reps === undefined ? {} : { reps: Number(reps) }),
  };
  const plan = await resolvePlan(raw, name, SUITES);
  // A quick look leaves published pages alone.
  const output = values.output ?? (quick ? join(REPORTS, 'out', 'studies') : join(REPORTS, 'studies'));
  const campaign = Campaign.begin(plan, join(REPORTS, 'out', 'studies', `${name}${quick ? '-quick' : ''}.campaign`));
  await campaign.run();
  mkdirSync(output, { recursive: true });
  const command = `npm run study -- ${process.argv.slice(2).join(' ')}`;
  for (const [file, text] of Object.entries(await pageOf(study, campaign, command))) {
    writeFileSync(join(output, file), text);
    console.log(join(output, file));
  }
  return campaign.rows().some((row) => row.disagreements.length || row.errors.length) ? 1 : 0;
}

await script('study', main);
