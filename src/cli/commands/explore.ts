/** `wynamo explore`: the report of a run while it goes on, with pass switches and thresholds to try, in a browser. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { flagsOf, type Parsed } from '../flag.ts';
import { GUEST_FLAGS } from '../guest.ts';
import { print } from '../output.ts';

export const command: Command = {
  usage: '[options] FILE [-- guest arguments]',
  about:
    'Serves a page on this machine only, under an address that nobody can guess, and prints the address. The page shows the ' +
    'report of the run in progress, and starts further ones with other passes and thresholds, which it compares. Each run is a ' +
    "process of its own; the guest's output goes to standard error. Ends with Ctrl-C.",
  flags: [...GUEST_FLAGS, { flag: 'port', value: 'N', doc: 'port to listen on (any that is free)' }],
  async run(parsed) {
    const [path] = parsed.positionals;
    if (path === undefined) throw new UserError('which file? give the path of a .wasm or .wat file');
    if (!existsSync(path)) throw new UserError(`there is no file '${path}'`);
    const port = Number(parsed.own.get('port')?.[0] ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw new UserError(`--port takes a number from 0 to 65535, not '${parsed.own.get('port')?.[0]}'`);
    const { startExplorer } = await import('../../explore/server.ts');
    const explorer = await startExplorer(basename(path), guestArguments(parsed), parsed, port);
    explorer.runs.start(flagsOf(parsed.options));
    print(`${explorer.url}\n`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await explorer.close();
    return 0;
  },
};

/** What follows the machine's flags on the command line of each run. */
function guestArguments(parsed: Parsed): string[] {
  const own = GUEST_FLAGS.flatMap(({ flag }) => (parsed.own.get(flag) ?? []).map((value) => `--${flag}=${value}`));
  const [path, ...rest] = parsed.positionals;
  return [...own, path!, '--', ...rest];
}
