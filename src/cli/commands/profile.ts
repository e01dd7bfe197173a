/** `wynamo profile`: hot functions, loops and traces as text or JSON. */
import { runAndCollect, TOOL_FLAGS } from '../collect.ts';
import type { Command } from '../command.ts';
import { wholeNumber } from '../flag.ts';
import { print } from '../output.ts';
import { profileText } from '../profile-text.ts';

export const command: Command = {
  usage: '[options] FILE [-- guest arguments]',
  about:
    'Runs a module and prints where it spent its instructions: functions, loops and traces by exact counts, with byte ' +
    "offsets in the module. The guest's standard output goes to standard error.",
  flags: [
    ...TOOL_FLAGS,
    { flag: 'json', doc: 'prints all statistics as JSON instead' },
    { flag: 'top', value: 'N', doc: 'rows of each table (20)' },
  ],
  async run(parsed) {
    const top = wholeNumber('--top', parsed.own.get('top')?.[0] ?? '20', 1);
    const { stats, status } = await runAndCollect(parsed);
    print(parsed.own.has('json') ? `${JSON.stringify(stats, null, 1)}\n` : profileText(stats, top));
    return status;
  },
};
