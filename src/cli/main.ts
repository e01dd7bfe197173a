/**
 * Entry of the command line: `wynamo COMMAND ...`. Commands are loaded when they are called, mistakes of the user become
 * one sentence and status 2, and the status goes into `process.exitCode` so that pipes drain before the process ends.
 */
import { UserError, unknownName } from '../errors.ts';
import { COMMANDS } from './catalogue.ts';
import { parse } from './flag.ts';
import { print } from './output.ts';
import { STATUSES } from './status.ts';

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const { mainHelp } = await import('./help.ts');
    print(mainHelp(COMMANDS), name === undefined ? 2 : 1);
    return name === undefined ? STATUSES.usage.code : 0;
  }
  if (name === '--version' || name === '-v') {
    const { VERSION } = await import('../version.ts');
    print(`wynamo ${VERSION} (Node ${process.versions.node}, V8 ${process.versions.v8})\n`);
    return 0;
  }
  const row = COMMANDS.find((command) => command.name === name);
  if (!row)
    throw new UserError(
      unknownName(
        'command',
        name,
        COMMANDS.map((command) => command.name),
      ),
    );
  const { command } = await row.load();
  const end = rest.indexOf('--');
  const own = end < 0 ? rest : rest.slice(0, end);
  if (own.includes('--help') || own.includes('-h')) {
    const { commandHelp } = await import('./help.ts');
    print(commandHelp(row, command));
    return 0;
  }
  return command.run(parse(row.name, rest, command.flags, command.machine ?? true));
}

// Warnings are one line like everything else, instead of the host's two. That parts of the host are experimental
// (`node:wasi`) is not the user's business; --disable-warning tells only the listener that goes here.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name === 'ExperimentalWarning') return;
  print(`wynamo: warning: ${name === 'WynamoWarning' ? '' : `${name}: `}${message}\n`, 2);
});

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    if (error instanceof UserError) {
      print(`wynamo: ${error.message}\n`, 2);
      process.exitCode = STATUSES.usage.code;
    } else {
      print(`wynamo: this is a bug in wynamo\n${error instanceof Error ? error.stack : String(error)}\n`, 2);
      process.exitCode = STATUSES.software.code;
    }
  },
);
