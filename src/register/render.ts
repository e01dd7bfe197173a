/** `node render.js OUT.html < runs.json`: the report of a program's guests, drawn after the program's end. */
import { readFileSync } from 'node:fs';
import { writeOutput } from '../cli/output.ts';
import { UserError } from '../errors.ts';
import type { Stats } from '../profile/schema.ts';
import { renderReport } from '../report/index.ts';

const { runs } = JSON.parse(readFileSync(0, 'utf8')) as { runs: Stats[] };
try {
  writeOutput(process.argv[2] as string, await renderReport(runs));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`wynamo: ${error.message}\n`);
  process.exitCode = 1;
}
