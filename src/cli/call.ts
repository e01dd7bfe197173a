/** What is called in a guest: the export that `--invoke` names, with typed arguments, or the entry point. */
import { UserError, unknownName } from '../errors.ts';
import type { Wasi } from '../wasi/wasi.ts';
import { parseValue, printValue } from './values.ts';

/** Types of a function, in the text format's names. */
export interface Signature {
  params: readonly string[];
  results: readonly string[];
}

export interface TypedCall {
  name: string;
  args: (number | bigint | null)[];
  results: readonly string[];
}

/** Names of the exported functions of `module`. */
const functionsOf = (module: WebAssembly.Module): string[] =>
  WebAssembly.Module.exports(module)
    .filter((row) => row.kind === 'function')
    .map((row) => row.name);

/** The call that `--invoke=name` asks for; throws a UserError for an unknown name or wrong arguments. */
export function typedCall(
  module: WebAssembly.Module,
  name: string,
  args: readonly string[],
  signature: (name: string) => Signature,
): TypedCall {
  const names = functionsOf(module);
  if (names.length === 0) throw new UserError('--invoke: the module exports no function');
  if (!names.includes(name)) throw new UserError(`--invoke: ${unknownName('exported function', name, names)}`);
  const { params, results } = signature(name);
  if (args.length !== params.length) {
    throw new UserError(
      `--invoke: ${name} takes ${params.length} argument${params.length === 1 ? '' : 's'} ` +
        `(${params.join(', ') || 'none'}), not ${args.length}; they go after --`,
    );
  }
  return { name, args: args.map((text, i) => parseValue(params[i]!, text)), results };
}

/**
 * Calls `call`, or `_start`, or only `_initialize` of a WASI reactor. The result is the guest's exit status; results of
 * `call` are printed one a line to `out`, which is called when the guest is done.
 */
export function callGuest(
  path: string,
  exports: WebAssembly.Exports,
  wasi: Wasi | null,
  call: TypedCall | undefined,
  out: (text: string) => void,
): number {
  if (call) {
    const body = () => {
      if (wasi && typeof exports._initialize === 'function') exports._initialize();
      const f = exports[call.name] as (...args: unknown[]) => unknown;
      const value = f(...call.args);
      const values = call.results.length > 1 ? [...(value as Iterable<unknown>)] : [value];
      out(call.results.map((type, i) => `${printValue(type, values[i])}\n`).join(''));
    };
    if (!wasi) {
      body();
      return 0;
    }
    return wasi.within(exports, body) ?? 0;
  }
  if (typeof exports._start === 'function') {
    if (wasi) return wasi.start(exports);
    exports._start();
    return 0;
  }
  if (wasi && typeof exports._initialize === 'function') {
    wasi.initialize(exports);
    return 0;
  }
  const names = Object.keys(exports).filter((name) => typeof exports[name] === 'function');
  // A module without functions, whose start function was all, has done its work by now.
  if (names.length === 0) return 0;
  throw new UserError(
    `${path} exports no _start; call a function with --invoke=NAME (it exports ${names.slice(0, 12).join(', ')})`,
  );
}
