/**
 * Opens a WASI command for measuring. Standard output goes to a file of its own, the clock counts its own calls and
 * random numbers come from a seed: so every configuration does the same work and can be compared by what it writes.
 */
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parsePreopen, wasiFor, wasiNamespace } from '../wasi/wasi.ts';
import type { SyncInstantiate } from './instantiate.ts';
import type { ChildJob } from './job.ts';
import { type Open, resultOf, sourceOf } from './program.ts';
import type { Program } from './workload.ts';

type Command = Extract<Program, { kind: 'wasi' }>;
type Host = Record<string, (...args: never[]) => unknown>;

/** Time at the start, and what each look at the clock adds: a millisecond. Nanoseconds. */
const EPOCH = 1_700_000_000_000_000_000n;
const TICK = 1_000_000n;

/** Clock and random numbers that depend on nothing but the calls of the guest. */
function virtual(memory: () => WebAssembly.Memory): Host {
  let clock = EPOCH;
  let seed = 1;
  return {
    clock_time_get(_id: number, _precision: bigint, at: number): number {
      new DataView(memory().buffer as ArrayBuffer).setBigUint64(at >>> 0, (clock += TICK), true);
      return 0;
    },
    random_get(at: number, length: number): number {
      const bytes = new Uint8Array(memory().buffer as ArrayBuffer, at >>> 0, length >>> 0);
      for (let i = 0; i < bytes.length; i++) {
        seed = (Math.imul(seed, 1103515245) + 12345) | 0;
        bytes[i] = seed >>> 16;
      }
      return 0;
    },
  } as Host;
}

/** A file that takes standard output and has no name. */
function outputFile(): { fd: number; take(): Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), 'wynamo-out-'));
  const fd = openSync(join(folder, 'stdout'), 'a+');
  // Elsewhere an open file cannot be removed; the system's temporary folder is cleaned sometime.
  if (process.platform !== 'win32') rmSync(folder, { recursive: true });
  process.once('exit', () => closeSync(fd));
  return {
    fd,
    take() {
      const bytes = new Uint8Array(fstatSync(fd).size);
      for (let at = 0; at < bytes.length; ) at += readSync(fd, bytes, at, bytes.length - at, at);
      ftruncateSync(fd, 0);
      return bytes;
    },
  };
}

export async function wasiOpener(
  program: Command,
  job: ChildJob,
  instantiate: SyncInstantiate,
): Promise<{ open: Open; iterate: 'again' | 'fresh' }> {
  const plain = readFileSync(program.module);
  const helpers = job.measure === 'steady' && job.iterate === 'again' ? await import('./resettable.ts') : undefined;
  const changed = helpers?.resettable(plain);
  const again = changed != null;
  const source = sourceOf(program.module, job.mode, changed ?? plain);
  const out = outputFile();
  const options = {
    args: [basename(program.module), ...program.args],
    env: {},
    dirs: program.dirs.map(parsePreopen),
    stdout: out.fd,
  };
  let module: WebAssembly.Module | undefined;

  const open: Open = async () => {
    const given = source();
    // As the command does it for the machine, too: the names of the imports are needed.
    module ??= given instanceof WebAssembly.Module ? given : new WebAssembly.Module(given as BufferSource);
    const known = module;
    const namespace = wasiNamespace(known);
    const make = () => {
      const wasi = wasiFor(known, options);
      return { wasi, host: { ...(wasi?.imports[namespace!] as Host), ...virtual(() => memory) } as Host };
    };
    let { wasi, host } = make();
    // A WASI object runs one program: each call has its own, behind imports that stay the same.
    const forward = Object.fromEntries(
      Object.keys(host).map((name) => [name, (...args: never[]) => host[name]!(...args)]),
    );
    const { instance, machine } = instantiate(given, namespace ? { [namespace]: again ? forward : host } : {});
    const memory = instance.exports.memory as WebAssembly.Memory;
    const restore = again ? helpers!.rememberState(instance.exports) : undefined;
    let used = false;
    return {
      prepare() {
        if (used) {
          ({ wasi, host } = make());
          restore?.();
        }
        used = true;
      },
      call: () =>
        resultOf(() => {
          const { _start: start } = instance.exports;
          if (typeof start !== 'function')
            throw new Error(`${program.module} is no WASI command: it exports no _start`);
          return wasi ? `status ${wasi.start(instance.exports)}` : `status ${Number(start() ?? 0)}`;
        }),
      machines: machine ? [machine] : [],
      memory: () => memory,
      output: out.take,
    };
  };
  return { open, iterate: again ? 'again' : 'fresh' };
}
