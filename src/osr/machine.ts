/**
 * The rest of a function in a machine of its own: interpreter, traces and optimizer over the module that the continuation
 * is, and over the guest's own memories, tables and globals. Functions that are not copied into it are the guest's, as
 * imports, so the guest goes on natively wherever the machine does not reach.
 */
import { Machine } from '../machine/machine.ts';
import { unsupported } from '../machine/unsupported.ts';
import type { Options } from '../options.ts';
import { BodyReader } from '../wasm/body.ts';
import { decodeModule } from '../wasm/decode.ts';
import type { WasmModule } from '../wasm/module.ts';
import { hasChoosingLoop, hasVariableLoop, hasVectorLoop } from './vectors.ts';

/** Milliseconds of compiling that a machine may use at once: the guest has earned them before it came there. */
const EARNED = 100;
/** Each has an interpreter and a memory of its own. */
const MOST_MACHINES = 16;

/** True for a tail call of a function that is not the module's own: out of a machine it would leave a frame behind. */
function leavesByTailCall(module: WasmModule): boolean {
  return module.code.some((_, i) => {
    const body = new BodyReader(module, module.importedFunctions + i);
    while (body.next()) {
      const { name } = body.op;
      if (name === 'return_call_indirect' || name === 'return_call_ref') return true;
      if (name === 'return_call' && body.a < module.importedFunctions) return true;
    }
    return false;
  });
}

/** The machines of one guest. */
export class RestMachines {
  private readonly options: Options;
  private readonly never: boolean;
  private made = 0;
  /** What each was made for, besides vectors. */
  private readonly hopes = new WeakMap<Machine, { readonly variables: boolean; readonly choices: boolean }>();

  /** `suspends`: the guest may suspend, in functions that the machine would not see. */
  constructor(options: Options, suspends: boolean) {
    const compileFree = Math.max(EARNED, options.compileFree);
    this.options = { ...options, nativeFirst: 'off', moveAfter: 0, compileFree };
    this.never = options.moveTo === 'native' || suspends;
  }

  /** The machine of a continuation that suits. Throws the host's own errors. */
  open(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports): Machine {
    this.made++;
    const machine = new Machine(bytes, imports, this.options);
    machine.compiler.counts = false;
    const { module } = machine;
    this.hopes.set(machine, { variables: hasVariableLoop(module), choices: hasChoosingLoop(module) });
    return machine;
  }

  /** True where a machine may run a continuation, and is wanted. */
  suits(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.never || this.made >= MOST_MACHINES) return false;
    const module = decodeModule(bytes);
    if (this.options.moveTo === 'auto') {
      if (module.memories.some((m) => m.shared)) return false;
      if (![hasVectorLoop, hasVariableLoop, hasChoosingLoop].some((has) => has(module))) return false;
    }
    return unsupported(module) === null && !leavesByTailCall(module);
  }

  /** True where the optimizer has done in a machine what it was made for. */
  pays(machine: Machine): boolean {
    const fired = (pass: string, rule?: string) => {
      const rules = machine.compiler.passes.get(pass)?.rules;
      return rules !== undefined && (rule ? rules.has(rule) : rules.size > 0);
    };
    if (this.options.moveTo === 'machine' || fired('vectorize')) return true;
    const hopes = this.hopes.get(machine);
    if (hopes?.choices && fired('selects')) return true;
    return hopes?.variables === true && (fired('promote', 'slot') || fired('disambiguate', 'slot'));
  }
}
