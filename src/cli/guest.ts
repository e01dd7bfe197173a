/**
 * One run of a guest, as every command does it: load, give it its imports, instantiate under the machine, call what is to
 * be called, and tell what became of it. `run` shows nothing else; the other commands print what the statistics say.
 */
import { basename } from 'node:path';
import { UserError } from '../errors.ts';
import { type GuestMachine, instantiate } from '../index.ts';
import type { Stats } from '../profile/schema.ts';
import { addSource } from '../source/annotate.ts';
import { parseEnv, parsePreopen, wasiFor } from '../wasi/wasi.ts';
import { loadWasm } from '../wasm/wat.ts';
import { callGuest, typedCall } from './call.ts';
import type { Flag, Parsed } from './flag.ts';
import { abortImport, checkImports, mergeImports, noteErrors, userImports } from './imports.ts';
import {
  hostMessage,
  type Outcome,
  outcomeOf,
  placeInMachine,
  placeOrStack,
  placeText,
  withSource,
} from './outcome.ts';
import { print } from './output.ts';
import { recordTo, replayGuest } from './replay.ts';
import { signatureOf } from './signature.ts';
import { STATUSES } from './status.ts';

/** Flags of every command that runs a guest. */
export const GUEST_FLAGS: readonly Flag[] = [
  {
    flag: 'invoke',
    value: 'NAME',
    doc: 'calls this export with the guest arguments as its own and prints its results, one a line',
  },
  { flag: 'dir', value: 'HOST[:GUEST]', many: true, doc: 'opens a folder for the guest (WASI); may be repeated' },
  { flag: 'env', value: 'NAME[=VALUE]', many: true, doc: 'sets a variable for the guest (WASI); may be repeated' },
  {
    flag: 'imports',
    value: 'FILE',
    doc: 'JavaScript module whose default export is an import object, or a function that gives one',
  },
  { flag: 'record', value: 'FILE', doc: 'writes all that comes into the guest from outside, for --replay' },
  {
    flag: 'replay',
    value: 'FILE',
    doc: 'gives the guest what was recorded, instead of arguments and imports, and stops where it does something else',
  },
];

export interface GuestRun {
  path: string;
  bytes: Uint8Array;
  outcome: Outcome;
  /** Undefined where the module could not be started. */
  machine: GuestMachine | undefined;
}

/** Statistics of a run, with the path and the source that the library cannot know; undefined where there was no machine. */
export function statsOf(run: GuestRun): Stats | undefined {
  const stats = run.machine?.stats();
  if (stats) {
    stats.module.path = run.path;
    addSource(stats, run.bytes);
  }
  return stats;
}

/** The module by the host's own judgement; what the host says of a broken one is the message. */
function compile(path: string, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError)
      throw new UserError(`${path} is no valid module: ${hostMessage(error)}`);
    throw error;
  }
}

/** A guest that was started, by the machine or by something else that knows where errors come from. */
interface Started {
  readonly instance: WebAssembly.Instance;
  readonly machine?: GuestMachine;
  /** Told of what the guest ended with. */
  unwound?(error: unknown): void;
  place?(error: unknown): { name: string; offset: number } | null;
}

/** Instantiates a module; throws what the host throws. */
export type Starter = (bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports) => Started | Promise<Started>;

/**
 * Runs the guest that `parsed` names. `stdout` is the file descriptor that takes its standard output: 1 where the guest is
 * the only one to write, 2 where the command prints something itself. It runs under the machine unless `start` says
 * otherwise.
 */
export async function runGuest(
  parsed: Parsed,
  stdout: 1 | 2,
  start: Starter = (bytes, imports) => instantiate(bytes, imports, parsed.options),
): Promise<GuestRun> {
  const [path, ...args] = parsed.positionals;
  if (path === undefined) throw new UserError('which file? give the path of a .wasm or .wat file');
  const bytes = await loadWasm(path);
  const module = compile(path, bytes);
  const recording = parsed.own.get('replay')?.[0];
  if (recording !== undefined) return replayGuest(path, bytes, recording, parsed, stdout);
  const invoke = parsed.own.get('invoke')?.[0];
  const call = invoke === undefined ? undefined : typedCall(module, invoke, args, (name) => signatureOf(bytes, name));

  const wasi = wasiFor(module, {
    args: [basename(path), ...(invoke === undefined ? args : [])],
    env: Object.fromEntries((parsed.own.get('env') ?? []).map(parseEnv)),
    dirs: (parsed.own.get('dir') ?? []).map(parsePreopen),
    stdout,
  });
  const thrown = new Set<unknown>();
  let instance: WebAssembly.Instance | undefined;
  const extra = mergeImports(
    abortImport(module, () => instance?.exports.memory),
    await userImports(parsed.own.get('imports')?.[0], module),
  );
  let imports = mergeImports(wasi?.imports ?? {}, noteErrors(extra, thrown));
  checkImports(path, module, imports);
  const target = parsed.own.get('record')?.[0];
  const recorder = target === undefined ? undefined : await recordTo(target, bytes, imports);
  if (recorder) ({ imports } = recorder);

  const outcomeFor = (error: unknown, machine?: GuestMachine): Outcome => {
    const at = placeOrStack(place(error, machine), error);
    const outcome = outcomeOf(error, at && withSource(at, bytes, path));
    if (outcome) return outcome;
    if (thrown.has(error)) {
      const text = error instanceof Error ? error.message : String(error);
      return { status: STATUSES.trap.code, message: `a host function threw: ${text}` };
    }
    throw error;
  };
  // Without a machine it was the start function that failed, and the stack shows generated code.
  let started: Started | undefined;
  const place = (error: unknown, machine?: GuestMachine) => {
    const at = started?.place?.(error);
    if (at) return placeText(at);
    if (started || parsed.options.mode === 'native') return placeInMachine(machine, error);
    return 'the start function';
  };
  let machine: GuestMachine | undefined;
  try {
    started = await start(bytes, imports);
    ({ machine, instance } = started);
    const exports = recorder?.attach(instance.exports) ?? instance.exports;
    const status = callGuest(path, exports, wasi, call, (text) => print(text, stdout));
    return { path, bytes, machine, outcome: { status } };
  } catch (error) {
    started?.unwound?.(error);
    if (error instanceof UserError) throw error;
    if (started === undefined && error instanceof WebAssembly.LinkError)
      throw new UserError(`${path}: ${hostMessage(error)}`);
    return { path, bytes, machine, outcome: outcomeFor(error, machine) };
  } finally {
    recorder?.close();
  }
}
