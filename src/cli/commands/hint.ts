/** `wynamo hint`: writes the profile of a run into the module, for engines that know nothing of this machine. */
import { UserError } from '../../errors.ts';
import { hintsOf } from '../../hint/profile.ts';
import { addHints } from '../../hint/sections.ts';
import { type CallEdge, monitor as calls } from '../../monitor/monitors/calls.ts';
import { decodeModule } from '../../wasm/decode.ts';
import type { Command } from '../command.ts';
import { type Parsed, wholeNumber } from '../flag.ts';
import { GUEST_FLAGS } from '../guest.ts';
import { runMonitored } from '../monitored.ts';
import { checkOutput, print, writeOutput } from '../output.ts';

export const command: Command = {
  usage: '[options] FILE -o OUT.wasm [-- guest arguments]',
  about:
    'Runs a module, counts what it does, and writes the module with that as hints: which way branches go (branch hinting, ' +
    'on in every engine that has it), which functions are worth optimizing at once, how often calls are executed and where ' +
    'indirect ones lead (compilation hints; Node needs --experimental-wasm-compilation-hints). All else stays as it is. ' +
    "The guest's standard output goes to standard error.",
  machine: false,
  flags: [
    ...GUEST_FLAGS,
    { flag: 'output', short: 'o', value: 'OUT.wasm', doc: 'file for the module with hints' },
    { flag: 'bias', value: 'PERCENT', doc: 'executions that went one way where a branch gets a hint, 50 to 100 (90)' },
    {
      flag: 'share',
      value: 'PERCENT',
      doc: 'instructions that the functions execute that are worth optimizing at once (95)',
    },
  ],
  async run(parsed) {
    const output = parsed.own.get('output')?.[0];
    if (output === undefined) throw new UserError('where to? give a file for the module with -o OUT.wasm');
    checkOutput(output);
    const bias = percent(parsed, 'bias', 50, '90');
    const share = percent(parsed, 'share', 0, '95');
    const { run, guest, status } = await runMonitored(parsed, [calls], { counts: true });
    const hints = hintsOf(run.counts(), run.results().get(calls.name) as CallEdge[], { bias, share });
    writeOutput(output, addHints(decodeModule(guest.bytes), hints));
    const count = (list: readonly { hints: readonly unknown[] }[]) => list.reduce((n, f) => n + f.hints.length, 0);
    print(
      `wrote ${output}: ${count(hints.branches)} branch hints, ${hints.hot.length} functions to optimize, ` +
        `${count(hints.frequencies)} call frequencies, ${count(hints.targets)} indirect calls with targets\n`,
    );
    return status;
  },
};

/** The share that a flag gives in per cent. */
function percent(parsed: Parsed, flag: string, least: number, otherwise: string): number {
  const n = wholeNumber(`--${flag}`, parsed.own.get(flag)?.[0] ?? otherwise, least);
  if (n > 100) throw new UserError(`--${flag} takes a whole number from ${least} to 100`);
  return n / 100;
}
