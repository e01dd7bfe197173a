/**
 * Runs a guest in one mode, writes down everything that its host could observe, and compares the modes.
 *
 *     const runs = expectAllModesEqual(bytes, noImports, [['run', 10], (x) => (x.table as WebAssembly.Table).set(0, x.f)]);
 *     runs.eager.machine.stats().traces.compiled;
 */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { type GuestMachine, instantiateSync, type Options } from '../../src/index.ts';
import { ALL_MODES, MODES, type ModeName } from './modes.ts';
import { watched } from './watchdog.ts';

/** The host's side of one instance; made anew for each, because host functions may keep state. */
export interface Host {
  imports: WebAssembly.Imports;
  /** Gives the host functions the instance, before the first step. */
  attach?(exports: WebAssembly.Exports): void;
}

/** A call of an export with its arguments, or anything else the host does between calls; its result is observed too. */
export type Step = readonly [name: string, ...args: unknown[]] | ((exports: WebAssembly.Exports) => unknown);

/** What the host saw. */
export interface Observed {
  /** Result of each step, or the error that it threw, as text. */
  steps: string[];
  /** Calls of host functions in order: entered with which arguments, left with which result or error. */
  host: string[];
  /** Exported globals, lengths and functions of exported tables, sizes and SHA-256 of exported memories. */
  exports: Record<string, string>;
}

export interface ModeRun extends Observed {
  /** SHA-256 over all memories, hidden ones too; null natively. */
  digest: string | null;
  /** Null natively. */
  machine: GuestMachine | null;
}

export const noImports = (): Host => ({ imports: {} });

/** A value as text that tells apart what the guest can tell apart: -0, NaN, types; functions by their index. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'string':
      return JSON.stringify(value);
    case 'function':
      return `function ${value.name}`;
    case 'object':
      return value === null
        ? 'null'
        : value instanceof Error
          ? showError(value)
          : (value.constructor?.name ?? 'object');
    default:
      return String(value);
  }
}

/** Class and message. Which frames are on the stack is nothing that modes have to agree on. */
function showError(error: Error): string {
  return `${error.name}: ${error.message}`;
}

function attempt(action: () => unknown): string {
  try {
    return show(action());
  } catch (error) {
    return `throws ${show(error)}`;
  }
}

/** Replaces the host functions by ones that note each call. Functions of other instances stay what they are. */
function noteCalls(imports: WebAssembly.Imports, log: string[]): WebAssembly.Imports {
  const noted: WebAssembly.Imports = {};
  for (const [from, part] of Object.entries(imports)) {
    const object: Record<string, unknown> = (noted[from] = {});
    for (const [name, value] of Object.entries(part)) {
      object[name] = typeof value === 'function' && !isExported(value) ? noteCall(name, value as Func, log) : value;
    }
  }
  return noted;
}

type Func = (...args: unknown[]) => unknown;

/** Functions that a module exports are called by their index. */
function isExported(f: { name: string }): boolean {
  return /^\d+$/.test(f.name);
}

function noteCall(name: string, f: Func, log: string[]): Func {
  return (...args) => {
    log.push(`${name}(${args.map(show).join(', ')})`);
    try {
      const result = f(...args);
      log.push(`${name} = ${show(result)}`);
      return result;
    } catch (error) {
      log.push(`${name} throws ${show(error)}`);
      throw error;
    }
  };
}

export function observeExports(exports: WebAssembly.Exports): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const [name, value] of Object.entries(exports)) {
    if (value instanceof WebAssembly.Global) seen[name] = attempt(() => value.value);
    else if (value instanceof WebAssembly.Memory) {
      const bytes = new Uint8Array(value.buffer);
      seen[name] = `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`;
    } else if (value instanceof WebAssembly.Table) {
      const items = Array.from({ length: Math.min(value.length, 64) }, (_, i) => attempt(() => value.get(i)));
      seen[name] = `${value.length}: ${items.join(' ')}`;
    }
  }
  return seen;
}

/** Instantiates in that mode and performs the steps. Errors of instantiation count as the first step's result. */
export function runInMode(bytes: Uint8Array, makeHost: () => Host, mode: ModeName, steps: readonly Step[]): ModeRun {
  return runWith(bytes, makeHost, mode, MODES[mode], steps);
}

/** The same with any options; null is the host alone. `label` says what hangs when it hangs. */
export function runWith(
  bytes: Uint8Array,
  makeHost: () => Host,
  label: string,
  options: Partial<Options> | null,
  steps: readonly Step[],
): ModeRun {
  return watched(label, () => {
    const host = makeHost();
    const log: string[] = [];
    const run: ModeRun = { steps: [], host: log, exports: {}, digest: null, machine: null };
    const imports = noteCalls(host.imports, log);
    let instance: WebAssembly.Instance;
    try {
      instance = open(bytes, imports, options, run);
    } catch (error) {
      run.steps.push(`throws ${show(error)}`);
      return run;
    }
    host.attach?.(instance.exports);
    for (const step of steps) {
      run.steps.push(
        attempt(() => {
          if (typeof step === 'function') return step(instance.exports);
          const [name, ...args] = step;
          return (instance.exports[name] as Func)(...args);
        }),
      );
    }
    run.exports = observeExports(instance.exports);
    run.digest = run.machine?.memoryDigest() ?? null;
    return run;
  });
}

function open(
  bytes: Uint8Array,
  imports: WebAssembly.Imports,
  options: Partial<Options> | null,
  run: ModeRun,
): WebAssembly.Instance {
  const copy = Uint8Array.from(bytes);
  if (options === null) return new WebAssembly.Instance(new WebAssembly.Module(copy), imports);
  const { instance, machine } = instantiateSync(copy, imports, options);
  if (machine.nativeReason !== null) throw new Error(`the machine does not cover the module: ${machine.nativeReason}`);
  run.machine = machine;
  return instance;
}

/** The part of a run that all modes have to agree on. */
export const observed = ({ steps, host, exports }: ModeRun): Observed => ({ steps, host, exports });

/**
 * Runs the guest in all given modes and expects them to be equal to the first one. Hidden memories are compared among
 * the modes that have a machine. Returns the runs.
 */
export function expectAllModesEqual<M extends ModeName = ModeName>(
  bytes: Uint8Array,
  makeHost: () => Host,
  steps: readonly Step[],
  modes: readonly M[] = ALL_MODES as M[],
): Record<M, ModeRun> {
  const runs = {} as Record<M, ModeRun>;
  const [first] = modes;
  let digest: string | null = null;
  for (const mode of modes) {
    const run = runInMode(bytes, makeHost, mode, steps);
    runs[mode] = run;
    expect(observed(run), `${mode} against ${first}`).to.deep.equal(observed(runs[first as M]));
    if (run.digest === null) continue;
    digest ??= run.digest;
    expect(run.digest, `memories in ${mode}`).to.equal(digest);
  }
  return runs;
}
