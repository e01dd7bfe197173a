/** `wynamo run`: the guest's output and status and nothing else; everything about the machine goes to files. */

import { chooseNativeFirst } from '../../osr/choose.ts';
import type { Command } from '../command.ts';
import { GUEST_FLAGS, runGuest, statsOf } from '../guest.ts';
import { checkOutput, print, writeOutput } from '../output.ts';
import { stateFile } from '../state-file.ts';

/** Flags for which only the machine has an answer. */
const MACHINE_FLAGS = ['stats', 'state', 'record', 'replay'];

export const command: Command = {
  usage: '[options] FILE [-- guest arguments]',
  about:
    "Runs a module in the binary or text format. Standard output, standard error and the exit status are the guest's own; " +
    'a trap is one line on standard error and status 134.',
  flags: [
    ...GUEST_FLAGS,
    { flag: 'stats', value: 'FILE', doc: 'writes the statistics of the run as JSON' },
    {
      flag: 'state',
      value: 'FILE',
      doc: 'writes where and with what state the guest stopped (call stack, locals, operands, globals, memory digests) as JSON',
    },
  ],
  async run(parsed) {
    for (const flag of ['stats', 'state']) parsed.own.get(flag)?.forEach(checkOutput);
    if (!MACHINE_FLAGS.some((flag) => parsed.own.has(flag))) chooseNativeFirst(parsed.options);
    const guest = await runGuest(parsed, 1);
    const { outcome, machine } = guest;
    const file = parsed.own.get('stats')?.[0];
    const stats = file === undefined ? undefined : statsOf(guest);
    if (file !== undefined && stats) writeOutput(file, `${JSON.stringify(stats, null, 1)}\n`);
    const stateTo = parsed.own.get('state')?.[0];
    if (stateTo !== undefined) writeOutput(stateTo, `${JSON.stringify(stateFile(guest), null, 1)}\n`);
    machine?.dispose();
    if (outcome.message) print(`wynamo: ${outcome.message}\n`, 2);
    return outcome.status;
  },
};
