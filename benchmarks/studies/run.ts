/**
 * `npm run study -- NAME [--quick] [--programs=LIST] [--output=DIR]`: runs a study and writes its page and charts into
 * `reports/`. Raw results stay in `reports/out/studies/`; a study that was stopped goes on where it was.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, script, wholeNumber } from '../../scripts/arguments.ts';
import { UserError, unknownName } from '../../src/errors.ts';
import { Campaign } from '../../src/lab/campaign/campaign.ts';
import { resolvePlan } from '../../src/lab/campaign/plan-file.ts';
import { STUDIES } from './catalogue/index.ts';
import { pageOf } from './page.ts';

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url));
const SUITES = fileURLToPath(new URL('../suites/', import.meta.url));
const COMMAND = 'npm run study -- NAME [options]';
const OPTIONS = {
  quick: { type: 'boolean', default: false, doc: 'few programs, small inputs, one process a figure: a look' },
  programs: { value: 'LIST', type: 'string', doc: 'suites, folders and programs to measure: guests#*.O0,apps' },
  reps: { value: 'N', type: 'string', doc: 'processes a figure' },
  output: {
    value: 'DIR',
    type: 'string',
    short: 'o',
    doc: 'folder of the page (reports/studies; reports/out/studies when quick)',
  },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = readArguments(COMMAND, OPTIONS, { positionals: true });
  const [name, more] = positionals;
  const names = STUDIES.map((study) => study.name);
  if (name === undefined) throw new UserError(`which study? There are ${names.join(', ')}`);
  if (more !== undefined) throw new UserError(`one study at a time, not '${more}' too`);
  const study = STUDIES.find((s) => s.name === name);
  if (!study) throw new UserError(unknownName('study', name, names));
  const { quick, programs, reps } = values;
  const raw = {
    ...study.plan(quick),
    ...(programs === undefined ? {} : { workloads: programs.split(','), timed: programs.split(',') }),
    ...(reps === undefined ? {} : { reps: wholeNumber('reps', reps) }),
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
