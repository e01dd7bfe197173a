/** `wynamo report`: one HTML file about a run, with nothing outside it. */
import { basename } from 'node:path';
import { runAndCollect, TOOL_FLAGS } from '../collect.ts';
import type { Command } from '../command.ts';
import { print, writeOutput } from '../output.ts';

export const command: Command = {
  usage: '[options] FILE [-o OUT.html] [-- guest arguments]',
  about:
    'Runs a module and writes one HTML file without outside references: time by component, warm-up, hottest fragments, the ' +
    "trace tree, and each fragment's code at every stage. The guest's standard output goes to standard error.",
  flags: [
    ...TOOL_FLAGS,
    { flag: 'output', short: 'o', value: 'FILE', doc: "file to write (the module's name with .html)" },
  ],
  async run(parsed) {
    parsed.options.keepCode = true;
    const { stats, status } = await runAndCollect(parsed);
    const name = basename(parsed.positionals[0]!).replace(/\.wa(sm|t)$/, '');
    const path = parsed.own.get('output')?.[0] ?? `${name}.html`;
    const { renderReport } = await import('../../report/index.ts');
    writeOutput(path, await renderReport([stats], { title: name }));
    print(`${path}\n`);
    return status;
  },
};
