/**
 * WASI for guests, through the host's `node:wasi`: preview 1 and the older `wasi_unstable`. The guest sees its arguments,
 * an environment, the folders that were opened for it and the three standard streams.
 *
 *     const wasi = wasiFor(module, { args: ['prog', '-v'], env: {}, dirs: [] })!;
 *     const { instance } = await instantiate(bytes, wasi.imports, options);
 *     process.exitCode = wasi.start(instance.exports);
 */
import { existsSync, statSync } from 'node:fs';
import type { WASI } from 'node:wasi';
import { UserError } from '../errors.ts';

/** A folder of the host under its name in the guest. */
export interface Preopen {
  host: string;
  guest: string;
}

export interface WasiOptions {
  /** `argv` of the guest, its own name first. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  dirs: readonly Preopen[];
  /** File descriptor of the host that the guest's standard output goes to; 1 by default. */
  stdout?: number;
}

/** The two import namespaces and the version that `node:wasi` calls them. */
const NAMESPACES = { wasi_snapshot_preview1: 'preview1', wasi_unstable: 'unstable' } as const;
type Namespace = keyof typeof NAMESPACES;

/** Reads `HOST` or `HOST:GUEST`; the host's folder must exist. */
export function parsePreopen(text: string): Preopen {
  // A drive letter's colon is not the separator.
  const colon = text.indexOf(':', /^[A-Za-z]:[\\/]/.test(text) ? 2 : 0);
  const host = colon < 0 ? text : text.slice(0, colon);
  const guest = colon < 0 ? text : text.slice(colon + 1);
  if (host === '' || guest === '') throw new UserError(`--dir takes HOST or HOST:GUEST, not '${text}'`);
  if (!existsSync(host) || !statSync(host).isDirectory()) throw new UserError(`--dir: there is no folder '${host}'`);
  return { host, guest };
}

/** Reads `NAME=VALUE` or `NAME`, which takes the value that the variable has here. */
export function parseEnv(text: string): [string, string] {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  if (name === '') throw new UserError(`--env takes NAME=VALUE, not '${text}'`);
  return [name, at < 0 ? (process.env[name] ?? '') : text.slice(at + 1)];
}

/** WASI for one guest. */
export interface Wasi {
  /** Import object with the one namespace that the module asks for. */
  imports: WebAssembly.Imports;
  /** Runs `exports._start` and gives the guest's exit status; traps come through as thrown. */
  start(exports: WebAssembly.Exports): number;
  /** Runs `exports._initialize` where there is one. */
  initialize(exports: WebAssembly.Exports): void;
  /** Runs `body` as if it were `_start`, so that `proc_exit` in it gives a status. Undefined: it returned. */
  within(exports: WebAssembly.Exports, body: () => void): number | undefined;
}

/** Name of the WASI namespace that the module imports, or undefined. */
export function wasiNamespace(module: WebAssembly.Module): Namespace | undefined {
  const wanted = new Set(WebAssembly.Module.imports(module).map((row) => row.module));
  return (Object.keys(NAMESPACES) as Namespace[]).find((name) => wanted.has(name));
}

/** `errno` of WASI for a descriptor that is not ready. */
const EAGAIN = 6;

type Call = (fd: number, ...rest: number[]) => number;

/**
 * `call` that waits where a standard stream is not ready. Node makes pipes non-blocking as soon as somebody looks at
 * `process.stdout` or starts a worker, and so may the process at the other end; a program that was started by a shell does
 * not expect to be told EAGAIN.
 */
function patient(call: Call): Call {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return (fd, ...rest) => {
    for (;;) {
      const errno = call(fd, ...rest);
      if (errno !== EAGAIN || fd > 2) return errno;
      Atomics.wait(never, 0, 0, 1);
    }
  };
}

/** WASI for `module`, or null when it imports none. Loads `node:wasi` only when it is needed. */
export function wasiFor(module: WebAssembly.Module, options: WasiOptions): Wasi | null {
  const namespace = wasiNamespace(module);
  if (namespace === undefined) return null;
  const { WASI: Host } = process.getBuiltinModule('node:wasi') as { WASI: typeof WASI };
  // Under wasi_unstable, node:wasi ends a guest with status 71 when the environment is empty.
  const empty = Object.keys(options.env).length === 0;
  const wasi = new Host({
    version: NAMESPACES[namespace],
    args: [...options.args],
    env: empty && namespace === 'wasi_unstable' ? { WYNAMO: '1' } : { ...options.env },
    preopens: Object.fromEntries(options.dirs.map((dir) => [dir.guest, dir.host])),
    stdout: options.stdout ?? 1,
    returnOnExit: true,
  });
  const calls = wasi.wasiImport as unknown as Record<string, Call>;
  const memoryOf = (exports: WebAssembly.Exports) => {
    if (!(exports.memory instanceof WebAssembly.Memory)) {
      throw new UserError(`the module imports ${namespace} but exports no memory named 'memory', which WASI needs`);
    }
    return exports.memory;
  };
  const start = (exports: WebAssembly.Exports) => wasi.start({ exports } as never) as number;
  return {
    imports: { [namespace]: { ...calls, fd_read: patient(calls.fd_read!), fd_write: patient(calls.fd_write!) } },
    start(exports) {
      return start({ memory: memoryOf(exports), _start: exports._start });
    },
    initialize(exports) {
      const own = exports._initialize === undefined ? {} : { _initialize: exports._initialize };
      wasi.initialize({ exports: { memory: memoryOf(exports), ...own } } as never);
    },
    within(exports, body) {
      let returned = false;
      const status = start({
        memory: memoryOf(exports),
        _start: () => {
          body();
          returned = true;
        },
      });
      return returned ? undefined : status;
    },
  };
}
