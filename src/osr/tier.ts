/**
 * The native-first tier: the guest runs in its own module on the host's tiers, and activations that stay in a loop move to
 * code that the host optimizes. The host never does that itself: an activation stays in the tier that it was begun in, so
 * one long call stays in the slowest.
 *
 * When an activation has spent some milliseconds in a loop, the rest of its function from there on becomes a function of its
 * own (continuation.ts), compiled in the background by the optimizing compiler; when that is ready, the activation moves.
 * Loops that may become vectors are the exception, those that keep their variables in memory, as unoptimized programs in C
 * do, and those that branch only to choose values: there the rest of the function runs in a machine (machine.ts), whose
 * traces can do what the host does not. Where nothing came of it, the next activation moves to the host's code after all.
 * Whether moving was right is found out afterwards, between activations (choice.ts) and within one (trial.ts).
 *
 * All of this is decided by the clock, which changes speed alone: what runs is the guest's own code, whoever compiled it.
 */
import { HostInstance, HostModule } from '../host.ts';
import type { Machine } from '../machine/machine.ts';
import type { Options } from '../options.ts';
import type { Component } from '../profile/timers.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Choice } from './choice.ts';
import {
  CONTINUATION,
  type Continuation,
  type Copied,
  canBeTried,
  PROBES,
  type Tried,
  writeContinuation,
} from './continuation.ts';
import { optimized } from './engine.ts';
import type { ProbedGuest } from './guest.ts';
import type { Site, Sited } from './loops.ts';
import { RestMachines } from './machine.ts';
import { MOST_BUDGET, slotOf } from './probed.ts';
import { type Code, Trial } from './trial.ts';

/** The clock as it was when the machine was loaded: programs may put another in its place. */
const now = performance.now.bind(performance);

/** What the system said last of the time that this thread has executed, and the clock then; milliseconds. */
const last = { clock: Number.NEGATIVE_INFINITY, executed: 0 };
/** The system is asked again after so many milliseconds: an answer takes longer than many a loop. */
const FRESH = 0.1;

/**
 * Milliseconds that this thread has executed code of its own, by now, which is `clock`. Time in which it waited for its turn
 * on a busy machine, or in which the system brought pages of memory, is time that better code would not save.
 */
function executed(clock: number): number {
  if (clock - last.clock < FRESH) return last.executed + (clock - last.clock);
  last.clock = clock;
  last.executed = process.threadCpuUsage().user / 1000;
  return last.executed;
}

/** Arrivals at a loop head until an activation is first asked. */
export const FIRST_BUDGET = 1;
/** Questions after which it is known what a trip takes. */
const ENOUGH = 3;
/** A budget grows that many times from one question to the next at most. */
const MOST_GROWTH = 16;

/**
 * Milliseconds: executed in a loop until its activation is worth moving, and for each kilobyte that has to be compiled for
 * that; the same for a machine, which has an interpreter to be made and a cold optimizer; between two questions; until code
 * counts as ready where the engine does not tell. Who has waited as long as making takes loses at most as much again (the
 * rule of ski rental).
 */
const TIME = { hot: 2, kilobyte: 1, machine: 30, machineKilobyte: 20, step: 0.25, patience: 200 } as const;

/** What became of a site. */
export interface SiteRecord {
  readonly site: Site;
  /** Milliseconds in the loop until it is worth a look, and until what was found there is worth making. */
  hot: number;
  worth: number;
  /** The rest of the function as it was written, until it is compiled. */
  written: Continuation | null;
  /** Arrivals until somebody who has just come to the loop is asked. */
  first: number;
  /** What the thread had executed when whoever is in the loop was asked first. */
  entered: number;
  /** When that was last, and what had been executed in the loop until then; the same of those before who stayed there. */
  asked: number;
  stayed: number;
  before: number;
  /** The budget that it got; the shortest time that a trip took from one question to the next: the first ones are cold. */
  budget: number;
  trip: number;
  /** How often trips were timed. */
  timed: number;
  /** The rest of the function, once there is one; where its code is in the guest, and when it was made. */
  code: unknown;
  /** Functions that are not known to be optimized yet. */
  waiting: unknown[];
  /** Whether activations are better off there; whether the present one is to stay, and whether it has moved. */
  choice: Choice;
  stays: boolean;
  left: boolean;
  /** Whether the optimizing compiler's code is the better one; null where that cannot be found out. */
  trial: Trial | null;
  /** What runs that code; null where the host does. */
  machine: Machine | null;
  /** Whether a machine is still to be considered. */
  machines: boolean;
  pieces: Copied;
  /** The same of the code by the baseline compiler. */
  basePieces: Copied;
  made: number;
  /** Activations moved; milliseconds that making the code took, what a machine did itself not included; its bytes. */
  moved: number;
  ms: number;
  bytes: number;
}

/** Where code of a continuation comes from, by who compiled it. */
export function piecesOf({ pieces, basePieces }: SiteRecord, code: Code): Copied {
  return code === 'optimized' ? pieces : basePieces;
}

export class NativeTier {
  readonly sites: readonly SiteRecord[];
  readonly guest: ProbedGuest;
  private readonly module: WasmModule;
  /** Position of a site's function among those with sites. */
  private readonly owners: number[] = [];
  /** How often code was made for a loop of the function out of which no activation has moved yet; by its position. */
  private readonly unused: number[];
  /** How often a rest was written to see what to make of it, and has not been made. */
  private vain = 0;
  /** Every probe moves its activation at once. */
  private readonly eager: boolean;
  private readonly machines: RestMachines;
  private shared: WebAssembly.Imports | null = null;
  /** Milliseconds of machines that were given up. */
  private readonly gone: Record<Component, number> = { record: 0, optimize: 0, compile: 0, translate: 0 };

  constructor(guest: ProbedGuest, options: Options) {
    this.guest = guest;
    this.module = guest.module;
    this.eager = options.moveAfter > 0;
    const suspends = guest.importedFunctions.some((f) => f instanceof WebAssembly.Suspending);
    this.machines = new RestMachines(options, suspends);
    guest.sited.forEach((s, i) => {
      for (const _ of s.sites) this.owners.push(i);
    });
    this.unused = guest.sited.map(() => 0);
    this.sites = guest.sites.map((site) => ({
      site,
      hot: TIME.hot + (TIME.kilobyte * restBytes(this.module, site)) / 1024,
      worth: 0,
      written: null,
      first: FIRST_BUDGET,
      entered: 0,
      asked: 0,
      stayed: 0,
      before: 0,
      budget: 0,
      trip: Number.POSITIVE_INFINITY,
      timed: 0,
      code: null,
      waiting: [],
      choice: new Choice(),
      stays: false,
      left: false,
      trial: null,
      machine: null,
      machines: true,
      pieces: [],
      basePieces: [],
      made: 0,
      moved: 0,
      ms: 0,
      bytes: 0,
    }));
  }

  /**
   * Milliseconds spent on making code: rests of functions count as compiled, machines for them as translated; what these do
   * then counts as in any machine.
   */
  get spent(): Record<Component, number> {
    const sum = { ...this.gone };
    for (const record of this.sites) add(sum, spentOn(record));
    return sum;
  }

  /** A probe's budget is used up. The next budget, or 0: the activation moves. */
  ask(number: number, left: number): number {
    const { length } = this.sites;
    if (number >= length) return this.askMoved(number % length, number < 2 * length ? 'optimized' : 'baseline', left);
    const record = this.sites[number] as SiteRecord;
    const owner = this.owners[number] as number;
    if (this.eager) {
      if (!record.code) this.make(number, owner);
      return this.move(record, owner);
    }
    const time = now();
    const answer = (left & 1) === 0 ? this.fresh(number, record, owner, time) : this.again(number, record, owner, time);
    // What the answer took was no trip.
    record.asked = now();
    return answer;
  }

  /** An activation is asked that has been asked before. */
  private again(number: number, record: SiteRecord, owner: number, time: number): number {
    // Questions come at an even pace, however long a trip takes.
    const since = time - record.asked;
    const pace = TIME.step / Math.max(since, TIME.step / MOST_GROWTH);
    if (since >= TIME.step / 2) {
      record.trip = Math.min(record.trip, since / record.budget);
      record.timed++;
    }
    const done = executed(time);
    record.stayed = done - record.entered;
    record.budget = Math.max(1, Math.min(MOST_BUDGET, Math.round(record.budget * pace)));
    if (record.stays && !record.choice.late({ clock: time, executed: done })) return odd(record.budget);
    if (!record.code) {
      if (this.enough(record, owner)) this.make(number, owner);
    } else if (record.stayed >= TIME.hot && this.ready(record, time)) {
      // Code that is there has been waited for: by this activation, or by those before it.
      return this.move(record, owner);
    }
    return odd(record.budget);
  }

  /** The same in what an activation moved to. */
  private askMoved(number: number, code: Code, left: number): number {
    const record = this.sites[number] as SiteRecord;
    const trips = record.trial?.ask(code, (left & 1) !== 0, now()) ?? MOST_BUDGET;
    if (trips > 0) return odd(trips);
    if (code === 'optimized' && record.basePieces.length === 0) this.makeBaseline(number, record);
    return 0;
  }

  /** True where the present activation has stayed long enough for the next step. */
  private enough({ stayed, before, hot, worth, machines, written, first }: SiteRecord, owner: number): boolean {
    const patience = 2 ** (this.unused[owner] as number);
    if (stayed < hot * patience) return false;
    // What is called often, and for a short time, the host optimizes by itself: an activation that stays for long began in
    // that, or most of what it executes did, where the function calls itself.
    const host = patience * (1 + Math.log2(first));
    // A look takes milliseconds, so a guest that stays nowhere for long is looked at ever later.
    if (worth === 0) return before + stayed >= hot * host * (1 + this.vain);
    // What a machine does, the host never does.
    return written && machines ? before + stayed >= worth * patience : stayed >= worth * host;
  }

  /** An activation is asked for the first time. */
  private fresh(number: number, record: SiteRecord, owner: number, time: number): number {
    // Where a loop is short each time, it is asked later; its function is called often, and the host compiles it itself.
    const short = record.asked > 0 && record.stayed < record.hot && !record.left;
    if (!record.left) record.before += record.stayed;
    if (short) this.raise(number, record);
    if (record.machine && record.moved > 0 && !this.machines.pays(record.machine)) this.leaveMachine(record);
    record.stayed = 0;
    record.trip = Number.POSITIVE_INFINITY;
    record.timed = 0;
    record.budget = record.first;
    record.left = false;
    // What has paid once is not waited for again.
    record.entered = executed(time);
    const moment = { clock: time, executed: record.entered };
    if (record.moved > 0 && this.ready(record, time)) {
      record.stays = record.choice.next(moment, !short) === 'stay';
      if (!record.stays) return this.move(record, owner);
    } else record.choice.stays(moment, !short);
    return odd(record.budget);
  }

  private raise(number: number, record: SiteRecord): void {
    record.first = Math.min(MOST_BUDGET, record.first * 2);
    this.guest.setBudget(number, 2 * record.first);
  }

  private ready(record: SiteRecord, time: number): boolean {
    const { waiting } = record;
    while (waiting.length > 0) {
      if (!(optimized(waiting.at(-1)) ?? time - record.made >= TIME.patience)) return false;
      waiting.pop();
    }
    return true;
  }

  /** Nothing came of the machine: from now on the host runs the code. */
  private leaveMachine(record: SiteRecord): void {
    add(this.gone, spentOn(record));
    record.ms = 0;
    record.machine = null;
    record.machines = false;
    record.code = null;
    record.worth = 0;
    record.moved = 0;
    record.choice = new Choice();
  }

  private move(record: SiteRecord, owner: number): number {
    record.choice.moved();
    if (!record.left) record.trial?.moves(record.timed < ENOUGH ? 0 : record.trip);
    record.left = true;
    if (record.moved++ === 0) this.unused[owner]!--;
    return 0;
  }

  /** Makes the rest of the function from the site on. */
  private make(number: number, owner: number): void {
    const started = now();
    const { guest, module } = this;
    const record = this.sites[number] as SiteRecord;
    const { locals } = guest.sited[owner] as Sited;
    record.written ??= writeContinuation(module, record.site, locals, number);
    if (record.worth === 0) {
      const { bytes } = record.written;
      record.machines &&= this.machines.suits(bytes);
      // Looked at once; made when the activation has stayed as long as that takes.
      const kilobytes = bytes.length / 1024;
      record.worth = record.machines
        ? TIME.machine + TIME.machineKilobyte * kilobytes
        : TIME.hot + TIME.kilobyte * kilobytes;
      this.vain++;
      if (!this.eager && !this.enough(record, owner)) {
        record.ms += now() - started;
        return;
      }
    }
    this.vain--;
    this.unused[owner]!++;
    if (!record.machines && canBeTried(record.site)) {
      record.trial = new Trial(this.eager);
      record.written = this.tried(number, owner, 'optimized');
    }
    const { bytes, calls, pieces } = record.written;
    const all = this.imports(calls);
    record.machine = record.machines ? this.machines.open(bytes, all) : null;
    if (record.machine) record.choice.warmsUp();
    const exports = record.machine?.guest.instance.exports ?? new HostInstance(new HostModule(bytes), all).exports;
    record.code = exports[CONTINUATION];
    record.waiting = record.machine ? [] : Object.values(exports);
    guest.probes.set(slotOf(number, 'optimized', this.sites.length), record.code);
    record.written = null;
    record.pieces = pieces;
    record.bytes = bytes.length;
    record.made = now();
    record.ms += record.made - started - (record.machine ? total(record.machine.timers.ms) : 0);
  }

  /** The rest of the function in code that times trips of the loop. */
  private tried(number: number, owner: number, code: Code): Continuation {
    const { locals } = this.guest.sited[owner] as Sited;
    const tried: Tried = { code, sites: this.sites.length };
    return writeContinuation(this.module, (this.sites[number] as SiteRecord).site, locals, number, tried);
  }

  /** Makes what the optimizing compiler's code is compared with. */
  private makeBaseline(number: number, record: SiteRecord): void {
    const started = now();
    const { bytes, calls, pieces } = this.tried(number, this.owners[number] as number, 'baseline');
    const { exports } = new HostInstance(new HostModule(bytes), this.imports(calls));
    this.guest.probes.set(slotOf(number, 'baseline', this.sites.length), exports[CONTINUATION]);
    record.basePieces = pieces;
    record.bytes += bytes.length;
    record.ms += now() - started;
  }

  /** What a continuation imports that calls those functions. */
  private imports(calls: readonly number[]): WebAssembly.Imports {
    this.shared ??= imports(this.guest);
    return {
      ...this.shared,
      func: Object.fromEntries(calls.map((f) => [String(f), this.callee(f)])),
    } as WebAssembly.Imports;
  }

  private callee(func: number): unknown {
    const { importedFunctions } = this.module;
    return func < importedFunctions
      ? this.guest.importedFunctions[func]
      : this.guest.functions.get(func - importedFunctions);
  }
}

const total = (ms: Readonly<Record<Component, number>>) => ms.record + ms.optimize + ms.compile + ms.translate;

function spentOn({ ms, machine }: SiteRecord): Partial<Record<Component, number>> {
  if (!machine) return { compile: ms };
  return { ...machine.timers.ms, translate: machine.timers.ms.translate + ms };
}

function add(sum: Record<Component, number>, more: Readonly<Partial<Record<Component, number>>>): void {
  for (const [component, ms] of Object.entries(more)) sum[component as Component] += ms;
}

/** Bytes of the function from the site on; from an inner loop the code from the outer one on is needed, too. */
function restBytes(module: WasmModule, site: Site): number {
  const { end } = module.code[site.func - module.importedFunctions] as { end: number };
  return end - site.at + (site.outer ? end - site.outer.at : 0);
}

/** Budgets go down by 2; an odd one belongs to an activation that has been asked. */
function odd(budget: number): number {
  return 2 * budget + 1;
}

/** What all continuations import. */
function imports({ memories, tables, globals, tags, probes }: ProbedGuest): WebAssembly.Imports {
  const list = (values: readonly unknown[]) => Object.fromEntries(values.map((v, i) => [String(i), v]));
  return {
    memory: list(memories),
    table: list(tables),
    global: list(globals),
    tag: list(tags),
    [PROBES]: list([probes]),
  } as WebAssembly.Imports;
}
