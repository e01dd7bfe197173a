/** `--record` and `--replay` of the commands that run a guest. */
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { type GuestMachine, instantiate } from '../index.ts';
import { ReplayError } from '../machine/errors.ts';
import type { HostRecorder } from '../replay/record.ts';
import type { Parsed } from './flag.ts';
import type { GuestRun } from './guest.ts';
import { type Outcome, outcomeOf, placeInMachine, placeOrStack } from './outcome.ts';
import { print, writeOutput } from './output.ts';
import { STATUSES } from './status.ts';
import { printValue } from './values.ts';

/** Characters that are written together. */
const CHUNK = 1 << 16;

/** A recorder that writes to the file; `close` writes what is left, and that it is all. */
export async function recordTo(
  path: string,
  bytes: Uint8Array,
  imports: WebAssembly.Imports,
): Promise<HostRecorder & { close(): void }> {
  const { HostRecorder: Recorder } = await import('../replay/record.ts');
  writeOutput(path, '');
  let waiting = '';
  const flush = () => {
    appendFileSync(path, waiting);
    waiting = '';
  };
  const recorder = new Recorder(bytes, imports, (line) => {
    waiting += line;
    if (waiting.length > CHUNK) flush();
  });
  const close = () => {
    recorder.end();
    flush();
  };
  return Object.assign(recorder, { close });
}

/** Runs a guest by what was recorded: its output and its status are those of the recorded run. */
export async function replayGuest(
  path: string,
  bytes: Uint8Array,
  recording: string,
  parsed: Parsed,
  stdout: 1 | 2,
): Promise<GuestRun> {
  const { HostReplay } = await import('../replay/replay.ts');
  if (!existsSync(recording) || !statSync(recording).isFile())
    throw new UserError(`--replay: there is no file '${recording}'`);
  for (const flag of ['invoke', 'dir', 'env', 'imports', 'record'])
    if (parsed.own.has(flag))
      throw new UserError(`--replay takes no --${flag}: the recording says what the guest gets`);
  let machine: GuestMachine | undefined;
  const replay = new HostReplay(bytes, readFileSync(recording, 'utf8'), recording, {
    output: (to, piece) => print(Buffer.from(piece), to === 1 ? stdout : 2),
    results: (_name, types, values) =>
      print(types.map((type, i) => `${printValue(type, values[i])}\n`).join(''), stdout),
  });
  const ended = (error: unknown): Outcome => {
    if (error instanceof ReplayError) return { status: STATUSES.replay.code, message: error.message };
    const outcome = outcomeOf(error, placeOrStack(placeInMachine(machine, error), error));
    if (!outcome) throw error;
    return outcome;
  };
  try {
    const started = await instantiate(bytes, replay.imports, parsed.options);
    ({ machine } = started);
    const outcome = replay.run(started.instance.exports);
    if ('exit' in outcome) return { path, bytes, machine, outcome: { status: outcome.exit } };
    if ('value' in outcome) return { path, bytes, machine, outcome: { status: 0 } };
    const what = 'error' in outcome ? outcome.error.join(': ') : 'an exception';
    return { path, bytes, machine, outcome: { status: STATUSES.trap.code, message: `as recorded, ${what}` } };
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { path, bytes, machine, outcome: ended(error) };
  }
}
