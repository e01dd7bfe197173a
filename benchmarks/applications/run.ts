/**
 * `npm run apps`: installs the applications (their own package folder and lock file), runs each natively and under Wynamo,
 * compares results and writes the table to `benchmarks/results/applications.md`, `.json` and `.html`. Status 1 when an
 * application fails or gives something else.
 *
 *     npm run apps -- --only=sql.js,ruby --reps=1
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments, script, wholeNumber } from '../../scripts/arguments.ts';
import { build } from '../../scripts/build/build.ts';
import { UserError, unknownName } from '../../src/errors.ts';
import { provenance, toolDigest } from '../../src/lab/provenance.ts';
import { renderReport } from '../../src/report/index.ts';
import { APPLICATIONS } from './catalogue.ts';
import { install } from './install.ts';
import { type Measured, measure } from './measure.ts';
import { markdown, missed, section } from './table.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// biome-ignore format: a row an option
const OPTIONS = {
  only: { value: 'NAMES', type: 'string', doc: 'applications by name, with commas between' },
  reps: { value: 'N', type: 'string', default: '3', doc: 'processes of each kind' },
  timeout: { value: 'S', type: 'string', default: '180', doc: 'time for one process at most' },
  name: { value: 'NAME', type: 'string', default: 'applications', doc: 'name of the files in benchmarks/results/' },
} as const;

async function main(): Promise<void> {
  const { values } = readArguments('npm run apps -- [options]', OPTIONS);
  const names = values.only ? values.only.split(',') : Object.keys(APPLICATIONS);
  for (const name of names)
    if (!(name in APPLICATIONS)) throw new UserError(unknownName('application', name, Object.keys(APPLICATIONS)));
  const [reps, timeout] = [wholeNumber('reps', values.reps), wholeNumber('timeout', values.timeout)];
  install();
  if ((await build(here('../..'))) !== 0) throw new UserError('the sources do not compile; see the messages above');

  const rows: Measured[] = [];
  for (const name of names) {
    const row = measure(name, APPLICATIONS[name]!.doc, reps, timeout * 1000);
    rows.push(row);
    const ratio = row.native && row.wynamo ? `${(row.wynamo.whole / row.native.whole).toFixed(2)} times as long` : '';
    const misses = missed(row).length > 0 ? `; misses ${missed(row).join(', ')}` : '';
    process.stderr.write(`${name}: ${row.equal ? 'equal' : 'NOT EQUAL'} ${ratio}${misses}\n`);
  }

  const about = provenance(toolDigest(), []);
  const text = markdown(rows, [
    `${about.date}, commit ${about.commit ?? 'unknown'}, ${reps} processes of each kind`,
    `Node ${about.node}, V8 ${about.v8}, ${about.platform}, ${about.cpu}, ${about.cores} cores, load ${about.load.toFixed(2)}`,
  ]);
  const out = (ending: string) => here(`../results/${values.name}.${ending}`);
  mkdirSync(here('../results'), { recursive: true });
  writeFileSync(out('md'), text);
  const data = rows.map(({ largest: _, ...row }) => ({ ...row, misses: missed(row) }));
  writeFileSync(out('json'), `${JSON.stringify({ schema: 1, provenance: about, reps, rows: data }, null, 1)}\n`);
  const runs = rows.flatMap((row) => {
    if (!row.largest) return [];
    const { module } = row.largest;
    return [{ ...row.largest, module: { ...module, path: row.name } }];
  });
  if (runs.length > 0)
    writeFileSync(out('html'), await renderReport(runs, { title: 'Applications', head: [section(rows)] }));
  process.stdout.write(`${text}\n${out('md')}\n`);
  if (rows.some((row) => !row.equal)) process.exitCode = 1;
}

await script('apps', main);
