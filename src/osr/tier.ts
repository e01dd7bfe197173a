/**
 * The native-first tier: the guest runs in its own module on the host's tiers, and activations that stay in a loop move to
 * code that the host optimizes. The host never does that itself: an activation stays in the tier that it was begun in, so
 * one long call stays in the slowest.
 *
 * When an activation has spent a millisecond in a loop, the rest of its function from there on becomes a function of its
 * own (continuation.ts), compiled in the background by the optimizing compiler; when that is ready, the activation moves.
 * All of this is decided by the clock, which changes speed alone: what runs is the guest's own code, whoever compiled it.
 */
import { HostInstance, HostModule } from '../host.ts';
import type { WasmModule } from '../wasm/module.ts';
import { CONTINUATION, type Copied, writeContinuation } from './continuation.ts';
import { optimized } from './engine.ts';
import type { ProbedGuest } from './guest.ts';
import type { Site, Sited } from './loops.ts';
import { SLOT } from './probed.ts';

/** Arrivals at a loop head until an activation is first asked. */
export const FIRST_BUDGET = 64;
const MOST_BUDGET = 1 << 28;

/** Milliseconds: in a loop until its activation is worth moving; between two questions then; until code counts as ready. */
const TIME = { hot: 1, step: 0.25, patience: 200 } as const;

/** What became of a site. */
export interface SiteRecord {
  readonly site: Site;
  /** When the activation that was asked last was asked first. */
  begun: number;
  /** When it was asked last, and the budget that it got. */
  asked: number;
  budget: number;
  /** Activations in a row that were asked once only. */
  short: number;
  /** The rest of the function, once there is one. */
  code: unknown;
  /** Where its code is in the guest. */
  pieces: Copied;
  made: number;
  /** Activations moved; what making the code took, and its bytes. */
  moved: number;
  ms: number;
  bytes: number;
}

export class NativeTier {
  readonly sites: readonly SiteRecord[];
  private readonly guest: ProbedGuest;
  private readonly module: WasmModule;
  /** Position of a site's function among those with sites. */
  private readonly owners: number[] = [];
  private readonly budgets: number[] = [];
  /** Every probe moves its activation at once. */
  private readonly eager: boolean;
  private shared: WebAssembly.Imports | null = null;

  constructor(guest: ProbedGuest, eager: boolean) {
    this.guest = guest;
    this.module = guest.module;
    this.eager = eager;
    guest.sited.forEach((s, i) => {
      for (const _ of s.sites) this.owners.push(i);
      this.budgets.push(FIRST_BUDGET);
    });
    this.sites = guest.sites.map((site) => ({
      site,
      begun: 0,
      asked: 0,
      budget: 0,
      short: 0,
      code: null,
      pieces: [],
      made: 0,
      moved: 0,
      ms: 0,
      bytes: 0,
    }));
  }

  /** A probe's budget is used up. The next budget, or 0: the activation moves. */
  ask(number: number, left: number): number {
    const record = this.sites[number] as SiteRecord;
    if (this.eager) {
      if (!record.code) this.make(number, record);
      return this.move(record);
    }
    const now = performance.now();
    if ((left & 1) === 0) return this.fresh(number, record, now);
    record.short = 0;
    const step = now - record.asked;
    record.asked = now;
    // An activation that has just begun stays: where there are many, the host compiles the function itself.
    if (now - record.begun >= TIME.hot) {
      if (!record.code) this.make(number, record);
      else if (this.ready(record, now)) return this.move(record);
    }
    // Questions come at an even pace, however long a trip takes.
    const pace = step > 0 ? TIME.step / step : 16;
    record.budget = Math.max(
      1,
      Math.min(MOST_BUDGET, Math.round(record.budget * Math.min(16, Math.max(1 / 64, pace)))),
    );
    return odd(record.budget);
  }

  /** An activation is asked for the first time. */
  private fresh(number: number, record: SiteRecord, now: number): number {
    if (record.short++ > 0) this.raise(number);
    record.begun = now;
    record.asked = now;
    record.budget = this.budgets[this.owners[number] as number] as number;
    return odd(record.budget);
  }

  /** Activations of the function are short: they are asked later. */
  private raise(number: number): void {
    const owner = this.owners[number] as number;
    const budget = Math.min(MOST_BUDGET, (this.budgets[owner] as number) * 2);
    this.budgets[owner] = budget;
    this.guest.setBudget(owner, 2 * budget);
  }

  private ready(record: SiteRecord, now: number): boolean {
    return optimized(record.code) ?? now - record.made >= TIME.patience;
  }

  private move(record: SiteRecord): number {
    record.moved++;
    return 0;
  }

  /** Makes the rest of the function from the site on. */
  private make(number: number, record: SiteRecord): void {
    const started = performance.now();
    const { guest, module } = this;
    const { locals } = guest.sited[this.owners[number] as number] as Sited;
    const { bytes, calls, pieces } = writeContinuation(module, record.site, locals, number);
    this.shared ??= imports(guest);
    const func = Object.fromEntries(calls.map((f) => [String(f), this.callee(f)]));
    const { exports } = new HostInstance(new HostModule(bytes), { ...this.shared, func });
    record.code = exports[CONTINUATION];
    guest.probes.set(SLOT.first + number, record.code);
    record.pieces = pieces;
    record.bytes = bytes.length;
    record.made = performance.now();
    record.ms = record.made - started;
  }

  private callee(func: number): unknown {
    const { importedFunctions } = this.module;
    return func < importedFunctions
      ? this.guest.importedFunctions[func]
      : this.guest.functions.get(func - importedFunctions);
  }
}

/** Budgets go down by 2; an odd one belongs to an activation that has been asked. */
function odd(budget: number): number {
  return 2 * budget + 1;
}

/** What all continuations import. */
function imports({ memories, tables, globals, tags }: ProbedGuest): WebAssembly.Imports {
  const list = (values: readonly unknown[]) => Object.fromEntries(values.map((v, i) => [String(i), v]));
  return { memory: list(memories), table: list(tables), global: list(globals), tag: list(tags) } as WebAssembly.Imports;
}
