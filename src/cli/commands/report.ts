/** `wynamo report`: one HTML file about a run, with nothing outside it. */
import { basename } from 'node:path';
import { addMachineCode } from '../../asm/annotate.ts';
import { UserError } from '../../errors.ts';
import { runAndCollect, TOOL_FLAGS } from '../collect.ts';
import type { Command } from '../command.ts';
import { wholeNumber } from '../flag.ts';
import { checkOutput, print, writeOutput } from '../output.ts';

export const command: Command = {
  usage: '[options] FILE [-o OUT.html] [-- guest arguments]',
  about:
    'Runs a module and writes one HTML file without outside references: time by component, warm-up, hottest fragments, the ' +
    "trace tree, each fragment's code at every stage, and what its machine code shows. The guest's standard output goes to standard error.",
  flags: [
    ...TOOL_FLAGS,
    { flag: 'output', short: 'o', value: 'FILE', doc: "file to write (the module's name with .html)" },
    {
      flag: 'asm',
      value: 'N',
      doc: 'machine code of the N hottest fragments, beside the same loops compiled natively; 0: none (12)',
    },
  ],
  async run(parsed) {
    parsed.own.get('output')?.forEach(checkOutput);
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
