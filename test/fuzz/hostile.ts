/**
 * Broken modules: bits flipped, bytes lost, doubled, moved, lengths that lie. Most are invalid; some are valid and do
 * something else. Whatever the host says to such a module and to calls of its exports, the machine has to say the same.
 */
import { FuelError, instantiateSync, type Options, UserError } from '../../src/index.ts';
import { generator } from '../../src/stats/random.ts';

/** Instructions after which a guest counts as one that goes on for ever. */
const FUEL = 200_000;
/** Exports that are called. */
const CALLS = 4;

/** A mutated copy; the seed says which. */
export function mutated(bytes: Uint8Array, seed: number): Uint8Array {
  const random = generator(seed);
  const below = (n: number) => Math.floor(random() * n);
  let out = Uint8Array.from(bytes);
  const splice = (at: number, remove: number, insert: Uint8Array) => {
    out = Uint8Array.from([...out.subarray(0, at), ...insert, ...out.subarray(at + remove)]);
  };
  for (let n = 1 + below(3); n > 0; n--) {
    const at = 8 + below(out.length - 8);
    const length = 1 + below(16);
    switch (below(6)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        splice(at, length, new Uint8Array());
        break;
      case 2:
        splice(at, 0, out.slice(at, at + length));
        break;
      case 3:
        out[at] = [0, 0x7f, 0x80, 0xff][below(4)] as number;
        break;
      default:
        out[at] = (out[at] as number) ^ (1 << below(8));
    }
    if (out.length < 9) break;
  }
  return out;
}

/** Imports that a module asks for, as far as they can be given: functions that give 0, memories, tables, globals. */
function importsOf(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    if (kind === 'function') imports[from][name] = () => 0;
    if (kind === 'memory') imports[from][name] = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    if (kind === 'table') imports[from][name] = new WebAssembly.Table({ element: 'anyfunc', initial: 10 });
    if (kind === 'global') imports[from][name] = 0;
  }
  return imports as WebAssembly.Imports;
}

type Instantiate = (bytes: Uint8Array, imports: WebAssembly.Imports) => WebAssembly.Instance;

const describe = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** What a module does: its error, or what its exports give and throw. Null where it goes on for ever. */
function behaviour(bytes: Uint8Array, instantiate: Instantiate): string[] | null {
  const said: string[] = [];
  let instance: WebAssembly.Instance;
  try {
    const imports = WebAssembly.validate(bytes as BufferSource)
      ? importsOf(new WebAssembly.Module(bytes as BufferSource))
      : {};
    instance = instantiate(bytes, imports);
  } catch (error) {
    if (error instanceof FuelError) return null;
    return [describe(error)];
  }
  for (const [name, f] of Object.entries(instance.exports).slice(0, CALLS)) {
    if (typeof f !== 'function') continue;
    try {
      said.push(`${name}: ${String(f(1, 2, 3))}`);
    } catch (error) {
      if (error instanceof FuelError) return null;
      said.push(`${name}: ${describe(error)}`);
    }
  }
  return said;
}

const machine =
  (options: Partial<Options>): Instantiate =>
  (bytes, imports) =>
    instantiateSync(bytes, imports, options).instance;

const MODES: Readonly<Record<string, Partial<Options>>> = {
  interpreted: { mode: 'interp' },
  traced: { hotLoop: 1, hotEntry: 1, hotExit: 1, compileShare: 0 },
  'native first': { nativeFirst: 'on', moveAfter: 1 },
};

const host: Instantiate = (bytes, imports) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), imports);

export interface Told {
  /** What differs, by mode; empty where nothing does. */
  readonly differs: string[];
  /** `invalid`, `unlinked` or what ran; `endless` modules were not compared. */
  readonly kind: 'invalid' | 'fails' | 'runs' | 'endless';
}

/** Compares the host with each mode. Only what has ended with little fuel is given to the host. */
export function tell(bytes: Uint8Array): Told {
  const valid = WebAssembly.validate(bytes as BufferSource);
  let first: string[] | null = [];
  try {
    first = behaviour(bytes, machine({ fuel: FUEL, mode: 'interp' }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  if (first === null || first[0]?.startsWith('UserError')) return { differs: [], kind: 'endless' };
  const expected = behaviour(bytes, host);
  const differs = Object.entries({ 'with fuel': null, ...MODES }).flatMap(([name, options]) => {
    const got = options ? behaviour(bytes, machine(options)) : first;
    return JSON.stringify(got) === JSON.stringify(expected)
      ? []
      : [`${name}: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`];
  });
  const failed = expected?.length === 1 && /^\w*Error: /.test(expected[0] as string);
  return { differs, kind: !valid ? 'invalid' : failed ? 'fails' : 'runs' };
}
