/**
 * Opens a program in the measured process: what is called again and again, and what can be observed of it. It imports as
 * little as it can, since whole processes are timed.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Machine, SyncInstantiate } from './instantiate.ts';
import type { ChildJob } from './job.ts';

export interface Opened {
  /** Before each call, untimed: sets the program's state back. */
  prepare?(): void;
  /** One call: the result as text. Traps are results, too. */
  call(): string;
  /** Machines behind it (none natively). */
  machines: Machine[];
  memory(): WebAssembly.Memory | undefined;
  /** What the last call wrote to standard output; taking it empties it. */
  output(): Uint8Array;
}

export type Open = () => Promise<Opened>;

/** A function that opens the program: for the first call, and again where iterations are fresh instances. */
export async function opener(
  job: ChildJob,
  instantiate: SyncInstantiate,
): Promise<{ open: Open; iterate: 'again' | 'fresh' }> {
  const { program } = job;
  if (program.kind === 'app')
    return { open: () => openApp(program.script, job.scale ?? 1, instantiate), iterate: 'again' };
  if (program.kind === 'wasi') {
    const { wasiOpener } = await import('./command.ts');
    return wasiOpener(program, job, instantiate);
  }
  const source = sourceOf(program.module, job.mode);
  const makeImports = program.imports && (await import(pathToFileURL(program.imports.script).href)).makeImports;
  const open: Open = async () => {
    const host = makeImports?.(program.imports!.args);
    const { instance, machine } = instantiate(source(), host?.imports ?? {});
    host?.attach?.(instance.exports);
    const run = instance.exports[program.name];
    if (typeof run !== 'function') throw new Error(`${program.module} exports no function '${program.name}'`);
    return {
      call: () => resultOf(() => String(run(job.scale))),
      machines: machine ? [machine] : [],
      memory: () => Object.values(instance.exports).find((e) => e instanceof WebAssembly.Memory),
      output: () => new Uint8Array(),
    };
  };
  return { open, iterate: job.iterate };
}

/** Bytes for the machine; natively the same compiled module for all instances, as its tiers belong to it. */
export function sourceOf(path: string, mode: ChildJob['mode'], bytes: Uint8Array = readFileSync(path)) {
  let module: WebAssembly.Module | undefined;
  return () => (mode === 'native' ? (module ??= new WebAssembly.Module(bytes as BufferSource)) : bytes);
}

/** A trap's name instead of its result. Other errors are not the guest's and pass. */
export function resultOf(body: () => string): string {
  try {
    return body();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return `trap: ${error.message}`;
    if (error instanceof RangeError && /call stack/.test(error.message)) return 'trap: call stack exhausted';
    throw error;
  }
}

async function openApp(script: string, scale: number, instantiate: SyncInstantiate): Promise<Opened> {
  const machines: Machine[] = [];
  const app = await import(pathToFileURL(script).href);
  const run: (scale: number) => string = await app.open(async (source: Uint8Array, imports?: WebAssembly.Imports) => {
    const made = instantiate(source, imports);
    if (made.machine) machines.push(made.machine);
    return made;
  });
  const { createHash } = await import('node:crypto');
  // A long text in short.
  const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { call: () => short(run(scale)), machines, memory: () => undefined, output: () => new Uint8Array() };
}
