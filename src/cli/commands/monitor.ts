/** `wynamo monitor`: runs a module natively under monitors and prints what they saw. */
import { UserError } from '../../errors.ts';
import { lcov } from '../../export/lcov.ts';
import { loadMonitors, MONITORS } from '../../monitor/catalogue.ts';
import { guestSource } from '../../source/source.ts';
import { decodeModule } from '../../wasm/decode.ts';
import type { Command } from '../command.ts';
import { wholeNumber } from '../flag.ts';
import { GUEST_FLAGS } from '../guest.ts';
import { runMonitored } from '../monitored.ts';
import { checkOutput, print, writeFiles } from '../output.ts';

export const command: Command = {
  usage: '[options] FILE [-- guest arguments]',
  about:
    "Runs a module at the host's own speed with code in it that counts and records, and prints what each monitor saw. " +
    `Monitors: ${MONITORS.map((m) => m.name).join(', ')}; \`wynamo list monitors\` tells what they are. ` +
    "Nothing else of the guest changes. The guest's standard output goes to standard error.",
  machine: false,
  flags: [
    ...GUEST_FLAGS,
    {
      flag: 'with',
      value: 'LIST',
      doc: 'monitors by name or path of a file of your own, with commas between (hotness)',
    },
    {
      flag: 'counters',
      value: 'HOME',
      doc: 'local: counters of inner loops in locals; memory: slower, and exact also where a trap ends a loop',
    },
    { flag: 'json', doc: 'prints all that was seen as JSON' },
    {
      flag: 'lcov',
      value: 'FILE',
      doc: 'writes the coverage for lcov and genhtml, and the listing that it speaks of beside it (FILE.wat)',
    },
    { flag: 'top', value: 'N', doc: 'rows of each table (20)' },
  ],
  async run(parsed) {
    const top = wholeNumber('--top', parsed.own.get('top')?.[0] ?? '20', 1);
    const home = parsed.own.get('counters')?.[0] ?? 'local';
    if (home !== 'local' && home !== 'memory') throw new UserError(`--counters takes local or memory, not '${home}'`);
    const monitors = await loadMonitors(parsed.own.get('with')?.[0] ?? 'hotness');
    const file = parsed.own.get('lcov')?.[0];
    if (file !== undefined) checkOutput(file);
    const { run, guest, status } = await runMonitored(parsed, monitors, { home, counts: file !== undefined });
    if (file !== undefined) {
      const module = decodeModule(guest.bytes);
      writeFiles(file, lcov(module, run.counts(), guestSource(module, guest.path), file));
    }
    if (parsed.own.has('json')) print(`${JSON.stringify(Object.fromEntries(run.results()), null, 1)}\n`);
    else print(run.text(top));
    for (const name of run.inexact())
      print(`wynamo: counts of ${name} lack the loop that a trap ended; --counters=memory has them\n`, 2);
    return status;
  },
};
