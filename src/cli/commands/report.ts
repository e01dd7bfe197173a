/** `wynamo report`: one HTML file about a run, or about several beside each other, with nothing outside it. */
import { basename } from 'node:path';
import { addMachineCode } from '../../asm/annotate.ts';
import { UserError } from '../../errors.ts';
import { runAndCollect, TOOL_FLAGS } from '../collect.ts';
import type { Command } from '../command.ts';
import { type Parsed, wholeNumber } from '../flag.ts';
import { checkOutput, print, writeOutput } from '../output.ts';
import { isRecorded, readRuns } from '../recorded.ts';

export const command: Command = {
  usage: '[options] FILE|STATS.json... [-o OUT.html] [-- arguments]',
  about:
    'Runs a module and writes one HTML file without outside references: time by component, warm-up, hottest fragments, the ' +
    "trace tree, each fragment's code at every stage, and what its machine code shows. The guest's standard output goes to " +
    'standard error. Of files with statistics (run --stats=FILE, profile --json) it makes the report of these runs without ' +
    'running anything; several are compared figure by figure, with fragments matched by location.',
  flags: [
    ...TOOL_FLAGS,
    { flag: 'output', short: 'o', value: 'FILE', doc: "file to write (the first file's name with .html)" },
    {
      flag: 'asm',
      value: 'N',
      doc: 'machine code of the N hottest fragments, beside the same loops compiled natively; 0: none (12)',
    },
  ],
  async run(parsed) {
    parsed.own.get('output')?.forEach(checkOutput);
    if (parsed.positionals[0] !== undefined && isRecorded(parsed.positionals[0])) return recorded(parsed);
    parsed.options.keepCode = true;
    const asm = wholeNumber('--asm', parsed.own.get('asm')?.[0] ?? '12', 0);
    const { stats, status, bytes, emitted } = await runAndCollect(parsed);
    const hottest = stats.fragments.toSorted((a, b) => b.instructions - a.instructions).slice(0, asm);
    try {
      addMachineCode(hottest, bytes, emitted);
    } catch (error) {
      // The rest of the report is worth having without.
      if (!(error instanceof UserError)) throw error;
      print(`wynamo: ${error.message}\n`, 2);
    }
    const name = basename(parsed.positionals[0]!).replace(/\.wa(sm|t)$/, '');
    const path = parsed.own.get('output')?.[0] ?? `${name}.html`;
    const { renderReport } = await import('../../report/index.ts');
    writeOutput(path, await renderReport([stats], { title: name }));
    print(`${path}\n`);
    return status;
  },
};

async function recorded({ positionals, own }: Parsed): Promise<number> {
  const other = positionals.find((path) => !isRecorded(path));
  if (other !== undefined)
    throw new UserError(`report takes a module, or files with statistics (.json); ${other} is none beside the others`);
  const runs = positionals.flatMap(readRuns);
  if (runs.length === 0) throw new UserError(`${positionals[0]} holds no runs`);
  const name = basename(positionals[0]!, '.json');
  const path = own.get('output')?.[0] ?? `${name}.html`;
  const title = runs.length === 1 ? name : runs.map((r) => r.label).join(' and ');
  const { renderReport } = await import('../../report/index.ts');
  const labels = runs.map((r) => r.label);
  const report = await renderReport(
    runs.map((r) => r.stats),
    { title, labels, compare: true },
  );
  writeOutput(path, report);
  print(`${path}\n`);
  return 0;
}
