/** Executes the commands of one test file in order; they share instances, registered names and the `spectest` module. */
import { type GuestMachine, instantiateSync } from '../../src/index.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import type { WasmModule } from '../../src/wasm/module.ts';
import { type Action, type Command, decodeBytes, type SpectestParts } from './format.ts';
import { SPEC_MODES, type SpecMode } from './modes.ts';
import { type Actual, describeActual, describeValue, matches, toArguments } from './values.ts';
import { type Callable, wrapFunction, wrapGlobal } from './wrap.ts';

interface Live {
  instance: WebAssembly.Instance;
  /** Exports by name with their kinds, as the host lists them: in the order of the module's export section. */
  kinds: Map<string, { kind: string; position: number }>;
  module: WasmModule;
  callables: Map<string, Callable>;
}

type ErrorClass = new (...args: never[]) => object;

export class Session {
  private readonly mode: SpecMode;
  private readonly registry: Record<string, WebAssembly.Exports>;
  private readonly imports: WebAssembly.Imports;
  private readonly instances = new Map<string, Live>();
  private readonly definitions = new Map<string, Uint8Array>();
  private current: Live | null = null;
  private latest: Uint8Array | null = null;
  /** Modules instantiated, and why some of them ran natively. */
  readonly modules = { total: 0, native: 0, reasons: new Map<string, number>() };
  private readonly machines: GuestMachine[] = [];

  constructor(mode: SpecMode, spectest: SpectestParts) {
    this.mode = mode;
    const exports: WebAssembly.Exports = {};
    for (const part of spectest.modules) {
      const bytes = decodeBytes(part.bytes);
      Object.assign(exports, new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports);
    }
    this.registry = { [spectest.name]: exports };
    // An unknown module name has to be a LinkError of the missing field, not a TypeError of the missing object.
    this.imports = new Proxy(this.registry, { get: (all, name) => all[name as string] ?? {} });
  }

  /** Runs one command. Returns null when it passed, `skip`, or what went wrong. */
  run(command: Command): string | null {
    switch (command.type) {
      case 'module':
        return this.succeeds(() => this.enter(bytesOf(command), command.name));
      case 'module_definition':
        return this.succeeds(() => {
          const bytes = bytesOf(command);
          new WebAssembly.Module(bytes);
          this.latest = bytes;
          if (command.name !== undefined) this.definitions.set(command.name, bytes);
        });
      case 'module_instance':
        return this.succeeds(() => {
          const bytes = command.module === undefined ? this.latest : this.definitions.get(command.module);
          if (!bytes) throw new Error(`there is no module definition ${command.module ?? ''}`);
          this.enter(bytes, command.instance);
        });
      case 'register':
        return this.succeeds(() => {
          this.registry[command.as as string] = this.find(command.name).instance.exports;
        });
      case 'action':
        return this.succeeds(() => this.perform(actionOf(command)));
      case 'assert_return':
        return this.returns(command);
      case 'assert_trap':
        return fails(WebAssembly.RuntimeError, () => this.perform(actionOf(command)));
      case 'assert_exhaustion':
        return fails(RangeError, () => this.perform(actionOf(command)));
      case 'assert_exception':
        return fails(WebAssembly.Exception, () => this.perform(actionOf(command)));
      case 'assert_invalid':
      case 'assert_malformed': {
        const bytes = bytesOf(command);
        if (WebAssembly.validate(bytes)) return 'the module is valid for the host';
        return fails(WebAssembly.CompileError, () => this.instantiate(bytes));
      }
      case 'assert_unlinkable':
        return fails(WebAssembly.LinkError, () => this.instantiate(bytesOf(command)));
      case 'assert_uninstantiable':
        return fails(WebAssembly.RuntimeError, () => this.instantiate(bytesOf(command)));
      case 'assert_invalid_custom':
        return 'skip';
    }
  }

  /** Fragments compiled so far: without any, a mode that traces has shown nothing. */
  fragments(): number {
    return this.machines.reduce((n, machine) => n + machine.stats().traces.compiled, 0);
  }

  private succeeds(action: () => void): string | null {
    try {
      action();
      return null;
    } catch (error) {
      return describeError(error);
    }
  }

  private instantiate(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Instance {
    const options = SPEC_MODES[this.mode];
    if (options === null) return new WebAssembly.Instance(new WebAssembly.Module(bytes), this.imports);
    const { instance, machine } = instantiateSync(bytes, this.imports, options);
    if (machine.nativeReason !== null) {
      const { reasons } = this.modules;
      this.modules.native++;
      reasons.set(machine.nativeReason, (reasons.get(machine.nativeReason) ?? 0) + 1);
    } else this.machines.push(machine);
    return instance;
  }

  private enter(bytes: Uint8Array<ArrayBuffer> | Uint8Array, name: string | undefined): void {
    this.modules.total++;
    const copy = Uint8Array.from(bytes);
    this.current = null;
    const instance = this.instantiate(copy);
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(copy));
    const kinds = new Map(exported.map((e, position) => [e.name, { kind: e.kind, position }]));
    this.current = { instance, kinds, module: decodeModule(copy), callables: new Map() };
    if (name !== undefined) this.instances.set(name, this.current);
  }

  private find(name: string | undefined): Live {
    const live = name === undefined ? this.current : this.instances.get(name);
    if (!live) throw new Error(`there is no instance ${name ?? ''}`);
    return live;
  }

  private callable(action: Action): Callable {
    const live = this.find(action.module);
    const known = live.callables.get(action.field);
    if (known) return known;
    const entry = live.kinds.get(action.field);
    const def = entry && live.module.exports[entry.position];
    if (!entry || !def) throw new Error(`the instance exports no ${JSON.stringify(action.field)}`);
    const value = live.instance.exports[action.field];
    let made: Callable;
    if (action.type === 'get') made = wrapGlobal(live.module, def.index, value as WebAssembly.Global);
    else {
      const type = live.module.functions[def.index] as number;
      made = wrapFunction(live.module, type, value as (...args: unknown[]) => unknown);
    }
    live.callables.set(action.field, made);
    return made;
  }

  private perform(action: Action): Actual[] {
    return this.callable(action).call((action.args ?? []).flatMap(toArguments));
  }

  private returns(command: Command): string | null {
    const expected = command.expected ?? [];
    let actual: Actual[];
    try {
      actual = this.perform(actionOf(command));
    } catch (error) {
      return describeError(error);
    }
    const same = expected.length === actual.length && expected.every((e, i) => matches(e, actual[i] as Actual));
    if (same) return null;
    return `gave (${actual.map(describeActual).join(', ')}) instead of (${expected.map(describeValue).join(', ')})`;
  }
}

function bytesOf(command: Command): Uint8Array<ArrayBuffer> {
  if (command.bytes === undefined) throw new Error(`the command ${command.type} has no bytes`);
  return decodeBytes(command.bytes);
}

function actionOf(command: Command): Action {
  if (!command.action) throw new Error(`the command ${command.type} has no action`);
  return command.action;
}

function fails(expected: ErrorClass, action: () => unknown): string | null {
  try {
    action();
  } catch (error) {
    return error instanceof expected ? null : `${describeError(error)} instead of a ${expected.name}`;
  }
  return `no ${expected.name}`;
}

/** Class and message, with the place for errors that are the machine's own fault. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split('\n').find((line) => line.includes('/src/'));
  return `${error.name}: ${error.message}${place ? ` (${place.trim()})` : ''}`;
}
