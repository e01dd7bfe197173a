/**
 * Where the host finds code of the guests, and which functions of theirs that is: what is needed to read a profile of the
 * host. Plain data, so that another process can read one.
 */
import type { Machine } from '../machine/machine.ts';
import type { Origins } from '../osr/probed.ts';
import type { WasmModule } from '../wasm/module.ts';
import { functionName, moduleName, writtenName } from '../wasm/names.ts';
import { knownMachines, knownTiers, urlOf } from './stacks.ts';

/** One function that a guest defines. */
export interface GuestFunction {
  /** By the name section or an export; null without either. */
  readonly name: string | null;
  /** As the host calls it. */
  readonly shown: string;
  /** Byte offset of its body in the guest. */
  readonly start: number;
  /** Byte offset of its entry stub, for a guest of a machine; null else. */
  readonly stub: number | null;
}

export interface GuestCode {
  /** Name and bytes of the module, which is how rests of its functions are told apart. */
  readonly module: string | null;
  readonly bytes: number;
  /** Address of the probed module; null for a guest of a machine. */
  readonly url: string | null;
  /** Where bodies of the probed module are in the guest. */
  readonly origin: Origins | null;
  /** Imported functions, whose indices come first. */
  readonly imported: number;
  readonly functions: readonly GuestFunction[];
}

function functionsOf(module: WasmModule, stubs: readonly number[] | null): GuestFunction[] {
  return module.code.map(({ start }, i) => {
    const func = module.importedFunctions + i;
    const shown = writtenName(module, func) ?? `wasm-function[${func}]`;
    return { name: functionName(module, func), shown, start, stub: stubs?.[i] ?? null };
  });
}

function codeOf(module: WasmModule, place: { url: string; origin: Origins } | { machine: Machine }): GuestCode {
  const own = 'url' in place ? place : { url: null, origin: null };
  const stubs = 'machine' in place ? place.machine.guest.stubs() : null;
  return {
    module: moduleName(module),
    bytes: module.bytes.length,
    url: own.url,
    origin: own.origin,
    imported: module.importedFunctions,
    functions: functionsOf(module, stubs),
  };
}

/** Code of all guests that there are. */
export function guestCodes(): GuestCode[] {
  return [
    ...knownTiers().map((tier) => codeOf(tier.guest.module, { url: urlOf(tier), origin: tier.guest.origin })),
    ...knownMachines().map((machine) => codeOf(machine.module, { machine })),
  ];
}
