/**
 * Stacks of errors as the guest alone would give them. Frames of the probed module and of rests of functions lie at other
 * offsets than in the guest, and a machine has frames of its own:
 *
 *     at wynamo.run (wasm://wasm/7599bece:wasm-function[16]:0x9f9)                    at sum (wasm://wasm/2703244e:wasm-function[1]:0x94)
 *     at wynamo.drive (wasm://wasm/7599bece:wasm-function[18]:0x2097)          ->
 *     at wynamo.enter2 (wasm://wasm/7599bece:wasm-function[23]:0x219d)
 *     at wynamo.rest0_402.sum (wasm://wasm/wynamo.rest0_402-dc0b:wasm-function[0]:0x7f)
 *
 * The host formats a stack when it is asked for first, through `Error.prepareStackTrace`, which stands in for Node's own here.
 * A program that puts its own there sees the frames as they are. Where the guest is in a machine is what the machine tells
 * then: soon after the error it is where that came up. Only the hash in a module's address stays another one.
 */
import type { Machine } from '../machine/machine.ts';
import { continuationOf, originalInContinuation } from '../osr/continuation.ts';
import { originalOffset } from '../osr/probed.ts';
import { type NativeTier, piecesOf } from '../osr/tier.ts';
import { placeAt } from '../osr/trap.ts';
import type { WasmModule } from '../wasm/module.ts';
import { moduleName, writtenName } from '../wasm/names.ts';
import { wrap } from '../wrap.ts';
import { placesOf } from './state.ts';

/** What is used of a frame; `getFunction` gives the index of a Wasm function. */
interface Frame {
  getFileName(): unknown;
  getFunctionName(): string | null;
  getFunction(): unknown;
  getPosition(): number;
  toString(): string;
}

const WASM = 'wasm://wasm/';

/** Frames of a machine's own code above the stub by which it was entered. */
const IN_MACHINE = /^(?:wynamo\.(?:run|record|drive|exit|enter\d+)$|(?:\S*\.)?T\d+ )/;

/** True: whoever ran once is asked for later, too. */
let keeps = false;

/** From now on guests stay known when nobody holds them any more. */
export function keepKnown(): void {
  keeps = true;
}

/** What may have frames on a stack; what nobody holds any more has none. */
class Known<T extends object> {
  private refs: WeakRef<T>[] = [];
  private pruneAt = 64;
  private readonly kept: T[] = [];

  add(item: T): void {
    if (keeps) this.kept.push(item);
    if (this.refs.length >= this.pruneAt) {
      this.refs = this.refs.filter((ref) => ref.deref());
      this.pruneAt = Math.max(this.pruneAt, 2 * this.refs.length);
    }
    this.refs.push(new WeakRef(item));
  }

  all(): T[] {
    return this.refs.flatMap((ref) => ref.deref() ?? []);
  }
}

const tiers = new Known<NativeTier>();
const machines = new Known<Machine>();

export const knownTiers = (): NativeTier[] => tiers.all();
export const knownMachines = (): Machine[] => machines.all();

/** From now on frames of the guest are known. */
export function knowStacks(guest: { tier: NativeTier } | { machine: Machine }): void {
  if ('tier' in guest) tiers.add(guest.tier);
  else machines.add(guest.machine);
}

/** Where the probed module of a guest is, by the host. */
const urls = new WeakMap<NativeTier, string>();

/** The text of a frame, as the host writes it. */
function frameText(module: WasmModule, url: string, func: number, offset: number): string {
  const at = `${url}:wasm-function[${func}]:0x${offset.toString(16)}`;
  const name = [moduleName(module), writtenName(module, func)].filter(Boolean).join('.');
  return name ? `${name} (${at})` : at;
}

/** A frame of the guest in the place of another one. */
function replaced(frame: Frame, module: WasmModule, url: string, func: number, offset: number): Frame {
  const own: Partial<Record<PropertyKey, () => unknown>> = {
    getFileName: () => url,
    getScriptNameOrSourceURL: () => url,
    getFunctionName: () => writtenName(module, func),
    getFunction: () => func,
    getPosition: () => offset,
    getColumnNumber: () => offset + 1,
    toString: () => frameText(module, url, func, offset),
  };
  return new Proxy(frame, {
    get(target, key) {
      const value: unknown = own[key] ?? Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Only a frame tells what the host calls a module, so one is made. */
export function urlOf(tier: NativeTier): string {
  const known = urls.get(tier);
  if (known !== undefined) return known;
  try {
    tier.guest.setBudget(-1, 0);
  } catch (error) {
    const url = /wasm:\/\/wasm\/[^\s:)]+/.exec(String((error as Error).stack))?.[0];
    // Where formatting that stack asked for the address, it is there already, and the stack does not show it.
    if (url) urls.set(tier, url);
  }
  return urls.get(tier) ?? '';
}

/** A frame of the tier at a place of the guest. */
function inTier(frame: Frame, tier: NativeTier, { func, offset }: { func: number; offset: number }): Frame {
  return replaced(frame, tier.guest.module, urlOf(tier), func, offset);
}

type Rest = NonNullable<ReturnType<typeof continuationOf>>;

/** Frames of the rest of a function, which the host or a machine runs, innermost first. */
function ofRest(frame: Frame, { site, code, bytes }: Rest, inMachine: boolean): Frame[] {
  const same = tiers.all().filter((t) => t.guest.module.bytes.length === bytes && t.sites[site]?.code);
  const tier = same.find((t) => t.sites[site]?.machine) ?? same[0];
  const record = tier?.sites[site];
  if (!tier || !record) return [];
  const places = inMachine && record.machine ? placesOf(record.machine) : [{ offset: frame.getPosition() }];
  return places.flatMap(({ offset }) => {
    const place = placeAt(tier.guest, originalInContinuation(piecesOf(record, code), offset));
    return place ? [inTier(frame, tier, place)] : [];
  });
}

/**
 * Frames of the guest that was entered through that stub. A machine tells only of its innermost activation; of others the
 * stub stands for the function, without the place. `told`: machines that have told of this stack already.
 */
function ofMachine(stub: Frame, url: string, told: Set<Machine>): Frame[] {
  for (const machine of machines.all()) {
    if (told.has(machine)) continue;
    const places = placesOf(machine);
    if (places.at(-1)?.func !== stub.getFunction()) continue;
    told.add(machine);
    return places.map(({ func, offset }) => replaced(stub, machine.module, url, func, offset));
  }
  return [stub];
}

/** The stack as it would be if the guests ran natively. */
export function ownFrames(frames: readonly Frame[]): Frame[] {
  const out: Frame[] = [];
  /** Frames at the end of `out` that are a machine's. */
  let machine = 0;
  const told = new Set<Machine>();
  const put = (own: Frame[], frame: Frame) => {
    if (own.length > 0) out.splice(out.length - machine, machine, ...own);
    else out.push(frame);
    machine = 0;
  };
  for (const frame of frames) {
    const file = (frame as Partial<Frame> | null | undefined)?.getFileName?.();
    const url = typeof file === 'string' && file.startsWith(WASM) ? file : null;
    const rest = url && continuationOf(url.slice(WASM.length));
    const tier = url && !rest ? tiers.all().find((t) => urlOf(t) === url) : undefined;
    if (!url) put([], frame);
    else if (rest) put(ofRest(frame, rest, machine > 0), frame);
    else if (tier) {
      const func = frame.getFunction() as number;
      machine = 0;
      // What was added to the module is nobody's.
      if (func < tier.guest.module.functions.length)
        out.push(inTier(frame, tier, { func, offset: originalOffset(tier.guest.origin, frame.getPosition()) }));
    } else if (IN_MACHINE.test(frame.getFunctionName() ?? '')) {
      machine++;
      out.push(frame);
    } else put(machine > 0 ? ofMachine(frame, url, told) : [], frame);
  }
  return out;
}

const isWasm = (frame: Partial<Frame> | null | undefined) => String(frame?.getFileName?.()).startsWith(WASM);

/** Stacks show the guests' own frames from now on. */
export function showOwnFrames(): void {
  wrap(Error, 'prepareStackTrace', {
    apply(target, self, [error, frames, ...rest]) {
      // Programs call it, too, with whatever they have.
      const some = Array.isArray(frames) && frames.some(isWasm);
      return Reflect.apply(target, self, [error, some ? ownFrames(frames as Frame[]) : frames, ...rest]) as unknown;
    },
  });
}
