/**
 * Runs the WebAssembly core test suite.
 *
 *     npm run spec -- --mode=trace --filter=core/simd --json=out.json --jobs=2
 *
 * Exit status 0 when nothing fails that the host alone passes, 1 when something does, 2 for a mistake in the command.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_DIR, missingSuite, type NativeResults, readJson, type SuiteIndex } from '../test/spec/format.ts';
import { isSpecMode, SPEC_MODES, type SpecMode } from '../test/spec/modes.ts';
import { runFiles } from '../test/spec/pool.ts';
import { nativeReasons, regressions, renderTable, totals } from '../test/spec/summary.ts';

const HELP = `usage: npm run spec -- [--mode=MODE] [--filter=PATH] [--json=FILE] [--jobs=N] [--limit=SECONDS] [--covered] [DIR]

  --mode=MODE       ${Object.keys(SPEC_MODES).join(', ')} (default trace)
  --filter=PATH     only files whose path contains PATH; may be repeated
  --json=FILE       write all results as JSON
  --jobs=N          files at a time (default: processors)
  --limit=SECONDS   time for one file, after which it counts as hanging (default 120)
  --covered         only files in which the machine covers every module
  DIR               the suite (default ../shared/spec)
`;

interface Settings {
  mode: SpecMode;
  filters: string[];
  json: string | undefined;
  jobs: number;
  limitSeconds: number;
  covered: boolean;
  dir: string;
}

/** Ends with one sentence; the command line is wrong. */
function mistake(sentence: string): never {
  console.error(`spec: ${sentence}`);
  process.exit(2);
}

function positive(flag: string, text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) mistake(`--${flag} takes a whole number from 1, not '${text}'`);
  return n;
}

function readSettings(): Settings {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    return mistake((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  if (!isSpecMode(values.mode)) {
    mistake(`there is no mode '${values.mode}'; there are ${Object.keys(SPEC_MODES).join(', ')}`);
  }
  if (positionals.length > 1) mistake('only one folder can be given');
  const dir = positionals[0] === undefined ? DEFAULT_DIR : resolve(positionals[0]);
  const missing = missingSuite(dir);
  if (missing !== null) mistake(missing);
  return {
    mode: values.mode,
    filters: values.filter,
    json: values.json,
    jobs: positive('jobs', values.jobs),
    limitSeconds: positive('limit', values.limit),
    covered: values.covered,
    dir,
  };
}

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: {
      mode: { type: 'string', default: 'trace' },
      filter: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      limit: { type: 'string', default: '120' },
      covered: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}

const settings = readSettings();
const index = readJson<SuiteIndex>(settings.dir, 'index.json');
const native = readJson<NativeResults>(settings.dir, 'native.json');
const files = index.files
  .map(({ file }) => file)
  .filter((file) => settings.filters.length === 0 || settings.filters.some((part) => file.includes(part)));
if (files.length === 0) mistake(`no file of the suite has '${settings.filters.join("' or '")}' in its path`);

const results = await runFiles(files, settings);
const lost = regressions(results, native);
const all = totals(results);
const reasons = nativeReasons(results);

console.log(renderTable(results));
for (const { file, line, why } of lost.slice(0, 200)) console.log(`FAILED ${file}:${line}: ${why}`);
if (lost.length > 200) console.log(`... and ${lost.length - 200} more`);
if (settings.covered) console.log(`${all.uncoveredFiles} files left out because the machine does not cover them`);
for (const [why, n] of reasons) console.log(`natively ${n}: ${why}`);
console.log(
  `mode ${settings.mode}: ${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped; ` +
    `${lost.length} failures where the host has none; ${all.nativeModules} of ${all.modules} modules ran natively, ${all.fragments} fragments compiled`,
);
if (settings.json !== undefined) {
  const engine = `node ${process.version}, V8 ${process.versions.v8}`;
  const data = {
    mode: settings.mode,
    engine,
    totals: all,
    regressions: lost,
    reasons: Object.fromEntries(reasons),
    files: results,
  };
  writeFileSync(settings.json, `${JSON.stringify(data, null, 1)}\n`);
}
process.exitCode = lost.length === 0 ? 0 : 1;
