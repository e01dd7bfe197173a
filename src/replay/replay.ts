/**
 * Plays the host of a recorded run: gives the guest what it was given, and compares what the guest does with what it did.
 * The first difference is an error that names it, so a recording of a run that was right (natively, say) finds where a
 * wrong one goes astray.
 *
 *     const replay = new HostReplay(bytes, readFileSync('run.calls', 'utf8'), 'run.calls');
 *     const { instance } = instantiateSync(bytes, replay.imports, options);
 *     replay.run(instance.exports);     // ReplayError: event 17: ...
 */
import { createHash } from 'node:crypto';
import { UserError } from '../errors.ts';
import { FuelError, MemoryLimitError, ReplayError, TimeoutError } from '../machine/errors.ts';
import type { ValType } from '../wasm/row.ts';
import { isWasi, vectors } from './effects.ts';
import { decode, type Event, encode, type Header, type Outcome, readEvents, type Value } from './events.ts';
import { type FunctionImport, functionImports, type Shared, share, sharedOf, shareExports, typeOf } from './state.ts';
import { payloadOf, thrownOutcome } from './thrown.ts';

type Func = (...args: unknown[]) => unknown;

/** What `proc_exit` throws. */
const EXIT = Symbol('proc_exit');

export interface ReplayOptions {
  /** Gets what the guest writes to standard output (1) and standard error (2). */
  output?(to: 1 | 2, bytes: Uint8Array): void;
  /** Gets the results of each export that the host had called from outside. */
  results?(name: string, types: readonly ValType[], values: readonly unknown[]): void;
}

export class HostReplay {
  readonly imports: WebAssembly.Imports;
  private readonly header: Header;
  private readonly events: Event[];
  private readonly shared: Shared;
  private readonly options: ReplayOptions;
  private at = 0;
  private exports: WebAssembly.Exports = {};
  private lastThrown: unknown;
  private failure: ReplayError | null = null;

  /** `text`: the recording; `path` names it in messages. Throws a UserError where it is none of this guest. */
  constructor(bytes: Uint8Array, text: string, path: string, options: ReplayOptions = {}) {
    ({ header: this.header, events: this.events } = readEvents(text, path));
    this.options = options;
    if (this.header.module !== createHash('sha256').update(bytes).digest('hex'))
      throw new UserError(`${path} was recorded with another module`);
    this.shared = sharedOf(bytes);
    this.imports = this.makeImports();
    this.perform();
  }

  /** Calls what the host had called, in order. The result is how the last call ended. */
  run(exports: WebAssembly.Exports): Outcome {
    this.exports = exports;
    shareExports(this.shared, exports);
    let last: Outcome = { value: [] };
    for (;;) {
      this.perform();
      const event = this.events[this.at];
      if (!event) throw this.differs('the recording was cut off here: it has no end');
      if (event[0] === 'end') return last;
      if (event[0] !== 'enter') throw this.differs(`the recording goes on with ${event[0]}, but nothing is running`);
      last = this.enter(event, true);
    }
  }

  private makeImports(): WebAssembly.Imports {
    const { module } = this.shared;
    const functions = new Map(functionImports(module).map((f) => [f.index, f]));
    const imports: WebAssembly.Imports = {};
    for (const { module: from, name, kind, index } of module.imports) {
      const known = functions.get(index);
      const value = kind === 'func' && known ? this.played(known) : this.make(kind, index);
      (imports[from] ??= {})[name] = value;
      share(this.shared, kind, index, value);
    }
    return imports;
  }

  private make(kind: string, index: number): unknown {
    const { module } = this.shared;
    switch (kind) {
      case 'memory': {
        const { min, max, shared, i64 } = module.memories[index]!;
        if (i64) throw new UserError('a guest that imports a memory of 64-bit addresses cannot be replayed');
        const initial = this.header.memories[index] ?? min;
        return new WebAssembly.Memory({ initial, ...(max === undefined ? {} : { maximum: max }), shared });
      }
      case 'table': {
        const { type, min, max } = module.tables[index]!;
        const initial = this.header.tables[index] ?? min;
        const element = type === 'funcref' ? 'anyfunc' : String(type);
        return new WebAssembly.Table({ element, initial, ...(max === undefined ? {} : { maximum: max }) });
      }
      case 'global': {
        const { type, mutable } = module.globals[index]!;
        const value = decode(type, this.header.globals[index] ?? null, () => null);
        return new WebAssembly.Global({ value: type === 'funcref' ? 'anyfunc' : String(type), mutable }, value);
      }
      default:
        return new WebAssembly.Tag({ parameters: payloadOf(this.shared, index).map(String) });
    }
  }

  /** Does what the host did, up to the next call or return. */
  private perform(): void {
    const { memories, globals, module } = this.shared;
    for (; ; this.at++) {
      const event = this.events[this.at];
      switch (event?.[0]) {
        case 'write': {
          const memory = memories.get(event[1]);
          if (memory) new Uint8Array(memory.buffer).set(Buffer.from(event[3], 'base64'), event[2]);
          break;
        }
        case 'grow':
          memories.get(event[1])?.grow(event[2]);
          break;
        case 'global': {
          const global = globals.get(event[1]);
          if (global) global.value = this.decoded(module.globals[event[1]]!.type, event[2]);
          break;
        }
        default:
          return;
      }
    }
  }

  private decoded(type: ValType, value: Value): unknown {
    return decode(type, value, (index) => Object.values(this.exports).find((e) => isFunction(e, index)));
  }

  /** Calls an export as the host did, and compares what comes back. */
  private enter([, name, args]: Event & { 0: 'enter' }, outermost: boolean): Outcome {
    const { module } = this.shared;
    const row = module.exports.find((e) => e.kind === 'func' && e.name === name);
    const f = this.exports[name];
    if (!row || typeof f !== 'function') throw this.differs(`the guest has no function ${name}`);
    const { params, results } = typeOf(module, row.index);
    this.at++;
    let outcome: Outcome;
    try {
      const value = (f as Func)(...args.map((arg, i) => this.decoded(params[i]!, arg)));
      const values = results.length > 1 ? [...(value as Iterable<unknown>)] : results.length === 1 ? [value] : [];
      outcome = { value: results.map((type, i) => encode(type, values[i])) };
      if (outermost) this.options.results?.(name, results, values);
    } catch (error) {
      if (this.failure) throw this.failure;
      if ([FuelError, TimeoutError, MemoryLimitError].some((kind) => error instanceof kind)) throw error;
      this.lastThrown = error;
      outcome = this.thrown(error);
    }
    const event = this.events[this.at];
    if (event?.[0] !== 'left') throw this.differs(`${name} gives ${text(outcome)}`, event);
    if (text(event[1]) !== text(outcome)) throw this.differs(`${name} gives ${text(outcome)}`, event);
    this.at++;
    return outcome;
  }

  private played(row: FunctionImport): Func {
    const name = `${row.module}.${row.name}`;
    return (...args) => {
      if (this.failure) throw this.failure;
      const given = row.params.map((type, i) => encode(type, args[i]));
      const event = this.events[this.at];
      const call = `the guest calls ${name}(${given.map((v) => JSON.stringify(v)).join(', ')})`;
      if (event?.[0] !== 'call') throw this.differs(call, event);
      if (event[1] !== row.index || JSON.stringify(event[2]) !== JSON.stringify(given)) throw this.differs(call, event);
      this.at++;
      this.show(row, args);
      for (;;) {
        this.perform();
        const next = this.events[this.at];
        if (next?.[0] === 'enter') this.enter(next, false);
        else if (next?.[0] === 'return') {
          this.at++;
          return this.give(row, next[1]);
        } else throw this.differs(`the recording ends within ${name}`);
      }
    };
  }

  /** The standard streams of a command get what they got. */
  private show({ module, name }: FunctionImport, args: readonly unknown[]): void {
    const memory = this.shared.memories.get(0)?.buffer;
    const to = Number(args[0]);
    if (!isWasi(module) || name !== 'fd_write' || !memory || (to !== 1 && to !== 2)) return;
    for (const [at, bytes] of vectors(memory, Number(args[1]) >>> 0, Number(args[2]) >>> 0))
      this.options.output?.(to, new Uint8Array(memory).slice(at, at + bytes));
  }

  private give(row: FunctionImport, outcome: Outcome): unknown {
    if ('value' in outcome) {
      const values = row.results.map((type, i) => this.decoded(type, outcome.value[i]!));
      return values.length > 1 ? values : values[0];
    }
    if ('again' in outcome) throw this.lastThrown;
    if ('exit' in outcome) {
      this.exit = outcome.exit;
      throw EXIT;
    }
    if ('thrown' in outcome) throw outcome.thrown;
    if ('exception' in outcome) {
      const [index, args] = outcome.exception;
      const payload = payloadOf(this.shared, index).map((type, i) => this.decoded(type, args[i]!));
      throw new WebAssembly.Exception(this.shared.tags.get(index)!, payload);
    }
    const [name, message] = outcome.error;
    const error = new Error(message);
    error.name = name;
    throw error;
  }

  private exit = 0;

  private thrown(error: unknown): Outcome {
    if (error === EXIT) return { exit: this.exit };
    return thrownOutcome(this.shared, error);
  }

  /** The difference, which ends the guest wherever it is. */
  private differs(what: string, recorded?: Event): ReplayError {
    const instead = recorded ? `, but the recording has ${JSON.stringify(recorded)}` : '';
    // The header is line 1.
    this.failure ??= new ReplayError(`line ${this.at + 2} of the recording: ${what}${instead}`);
    return this.failure;
  }
}

const text = (outcome: Outcome) => JSON.stringify(outcome);

const isFunction = (value: unknown, index: number) => typeof value === 'function' && value.name === String(index);
