/**
 * Records what comes into a guest from its host. The import object is replaced by one whose functions note what they do,
 * the exports by ones that note each call.
 *
 *     const recorder = new HostRecorder(bytes, imports, (line) => file.write(line));
 *     const { instance } = instantiateSync(bytes, recorder.imports, options);
 *     const exports = recorder.attach(instance.exports);
 *     exports.run(10);
 *     recorder.end();
 */
import { createHash } from 'node:crypto';
import { UserError } from '../errors.ts';
import type { ValType } from '../wasm/row.ts';
import { writesOf } from './effects.ts';
import { type Event, encode, FORMAT, type Header, type Outcome, type Value } from './events.ts';
import {
  type Before,
  changes,
  type FunctionImport,
  functionImports,
  remember,
  type Shared,
  share,
  sharedOf,
  shareExports,
  typeOf,
} from './state.ts';
import { thrownOutcome } from './thrown.ts';

type Func = (...args: unknown[]) => unknown;

export class HostRecorder {
  readonly imports: WebAssembly.Imports;
  private readonly shared: Shared;
  private readonly line: (text: string) => void;
  /** The state when the guest was last left, while no host function is running. */
  private outside: Before;
  /** What the guest's export that was called last has thrown. */
  private lastThrown: unknown = Symbol('nothing');
  /** What the host function in progress has begun with; its nested entries start anew. */
  private frames: { before: Before; whole: boolean }[] = [];

  /** `line` gets each line with its end. */
  constructor(bytes: Uint8Array, imports: WebAssembly.Imports, line: (text: string) => void) {
    this.line = line;
    this.shared = sharedOf(bytes);
    const { module } = this.shared;
    const functions = new Map(functionImports(module).map((f) => [f.index, f]));
    const replaced: WebAssembly.Imports = {};
    const header: Header = {
      format: FORMAT,
      schema: 1,
      module: createHash('sha256').update(bytes).digest('hex'),
      memories: {},
      tables: {},
      globals: {},
    };
    for (const row of module.imports) {
      const value = (imports[row.module] as Record<string, unknown> | undefined)?.[row.name];
      const of = (replaced[row.module] ??= {}) as Record<string, unknown>;
      const known = functions.get(row.index);
      of[row.name] =
        row.kind === 'func' && known && typeof value === 'function' ? this.noted(known, value as Func) : value;
      share(this.shared, row.kind, row.index, value);
      if (value instanceof WebAssembly.Memory) header.memories[row.index] = value.buffer.byteLength / 65536;
      if (value instanceof WebAssembly.Table) header.tables[row.index] = value.length;
      if (row.kind === 'global') {
        const { type } = module.globals[row.index]!;
        header.globals[row.index] = encode(type, value instanceof WebAssembly.Global ? value.value : value);
      }
    }
    this.imports = replaced;
    line(`${JSON.stringify(header)}\n`);
    // Imported memories may have contents before the guest begins.
    const empty: Before = {
      memories: new Map(
        [...this.shared.memories].map(([i, m]) => [i, { pages: m.buffer.byteLength / 65536, bytes: new Uint8Array() }]),
      ),
      globals: remember(this.shared, false).globals,
    };
    this.events(changes(this.shared, empty, null));
    this.outside = remember(this.shared, true);
  }

  /** The exports, with functions that note their calls. */
  attach(exports: WebAssembly.Exports): WebAssembly.Exports {
    shareExports(this.shared, exports);
    this.outside = remember(this.shared, true);
    const { module } = this.shared;
    const index = new Map(module.exports.flatMap((e) => (e.kind === 'func' ? [[e.name, e.index]] : [])));
    return Object.fromEntries(
      Object.entries(exports).map(([name, value]) => [
        name,
        typeof value === 'function' ? this.entered(name, index.get(name) as number, value as Func) : value,
      ]),
    );
  }

  /** Nothing more comes: without this line a recording counts as cut off. */
  end(): void {
    this.events([['end']]);
  }

  private events(events: readonly Event[]): void {
    for (const event of events) this.line(`${JSON.stringify(event)}\n`);
  }

  private entered(name: string, index: number, f: Func): Func {
    const { params, results } = typeOf(this.shared.module, index);
    return (...args) => {
      const inside = this.frames.at(-1);
      // What the host function has written so far comes before what the guest does now.
      if (inside) this.events(changes(this.shared, inside.before, inside.whole ? null : []));
      else this.events(changes(this.shared, this.outside, null));
      this.events([['enter', name, this.values(params, args)]]);
      try {
        const value = f(...args);
        this.events([['left', { value: this.results(results, value) }]]);
        return value;
      } catch (error) {
        this.lastThrown = error;
        this.events([['left', this.thrown(error)]]);
        throw error;
      } finally {
        if (inside) inside.before = remember(this.shared, inside.whole);
        else this.outside = remember(this.shared, true);
      }
    };
  }

  private noted(row: FunctionImport, f: Func): Func {
    const { module, name } = row;
    return (...args) => {
      this.events([['call', row.index, this.values(row.params, args)]]);
      const memory = this.shared.memories.get(0)?.buffer ?? new ArrayBuffer(0);
      const pieces = writesOf(module, name, args, memory);
      const frame = { before: remember(this.shared, pieces === null), whole: pieces === null };
      this.frames.push(frame);
      const end = (outcome: Outcome) => {
        this.frames.pop();
        this.events(changes(this.shared, frame.before, pieces));
        this.events([['return', outcome]]);
      };
      let value: unknown;
      try {
        value = f(...args);
      } catch (error) {
        const outcome = this.thrown(error, name === 'proc_exit' ? Number(args[0]) : undefined);
        end(error === this.lastThrown ? { again: true } : outcome);
        throw error;
      }
      const results = this.results(row.results, value);
      if (results.some((result) => typeof result === 'object' && result !== null && 'other' in result))
        throw new UserError(`${module}.${name} gives the guest an object, which cannot be recorded`);
      end({ value: results });
      return value;
    };
  }

  private values(types: readonly ValType[], args: readonly unknown[]): Value[] {
    return types.map((type, i) => encode(type, args[i]));
  }

  private results(types: readonly ValType[], value: unknown): Value[] {
    return this.values(types, types.length > 1 ? [...(value as Iterable<unknown>)] : [value]);
  }

  /** `exit`: the status with which `proc_exit` was called, by a host that throws something private then. */
  private thrown(error: unknown, exit?: number): Outcome {
    if (exit !== undefined) {
      this.exit = { by: error, status: exit };
      return { exit };
    }
    if (this.exit?.by === error && this.exit) return { exit: this.exit.status };
    return thrownOutcome(this.shared, error);
  }

  private exit: { by: unknown; status: number } | null = null;
}
