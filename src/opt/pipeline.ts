/**
 * The catalogue of passes and the order in which they run. A new pass is one file in `passes/` and one line in
 * `PIPELINE`; option names, ablations, dumps, timings and the docs come from here.
 */
import { UserError, unknownName } from '../errors.ts';
import type { Region } from '../ir/ir.ts';
import { verify } from '../ir/verify.ts';
import { parsePasses } from '../options.ts';
import { type Folder, folder } from './folder.ts';
import { OptFuel } from './fuel.ts';
import type { Pass, PassContext, PassReport } from './pass.ts';
import { addresses } from './passes/addresses.ts';
import { branches } from './passes/branches.ts';
import { cse } from './passes/cse.ts';
import { dce } from './passes/dce.ts';
import { dse } from './passes/dse.ts';
import { fold } from './passes/fold.ts';
import { globals } from './passes/globals.ts';
import { guards } from './passes/guards.ts';
import { hostTraps } from './passes/host-traps.ts';
import { licm } from './passes/licm.ts';
import { loads } from './passes/loads.ts';
import { peel } from './passes/peel.ts';
import { phis } from './passes/phis.ts';
import { disambiguate, promote } from './passes/promote.ts';
import { rules } from './passes/rules.ts';
import { selects } from './passes/selects.ts';
import { specialize } from './passes/specialize.ts';
import { strength } from './passes/strength.ts';
import { strips } from './passes/strips.ts';
import { thread } from './passes/thread.ts';
import { reassociate, vectorize } from './passes/vectorize.ts';

/** One place in the order: the pass and the least level at which it runs there; level 4 is only asked for by name. */
interface Line {
  readonly pass: Pass;
  readonly level: 1 | 2 | 3 | 4;
  /** Lines that clean up: run only when one of these passes has changed something since the last run. */
  readonly after?: readonly Pass[];
}

const MEMORY = [loads, licm, promote, disambiguate];
const NEW_CODE = [strips, reassociate, vectorize];

const PIPELINE: readonly Line[] = [
  { pass: globals, level: 2 },
  { pass: phis, level: 1 },
  { pass: specialize, level: 4 },
  { pass: fold, level: 1 },
  { pass: branches, level: 1 },
  { pass: thread, level: 2 },
  { pass: phis, level: 1, after: [branches, thread] },
  { pass: fold, level: 1, after: [branches, thread] },
  { pass: branches, level: 2, after: [thread] },
  { pass: rules, level: 1 },
  { pass: cse, level: 1 },
  { pass: loads, level: 2 },
  { pass: licm, level: 2 },
  { pass: promote, level: 2 },
  { pass: disambiguate, level: 3 },
  { pass: phis, level: 2, after: [promote, disambiguate] },
  { pass: fold, level: 2, after: MEMORY },
  { pass: rules, level: 2, after: MEMORY },
  { pass: cse, level: 2, after: MEMORY },
  { pass: selects, level: 3 },
  { pass: fold, level: 3, after: [selects] },
  { pass: cse, level: 3, after: [selects] },
  { pass: peel, level: 3 },
  { pass: phis, level: 3, after: [peel] },
  { pass: fold, level: 3, after: [peel] },
  { pass: cse, level: 3, after: [peel] },
  { pass: guards, level: 1 },
  { pass: addresses, level: 2 },
  { pass: licm, level: 2, after: [guards, promote, disambiguate] },
  { pass: strips, level: 2 },
  { pass: loads, level: 3, after: [promote, disambiguate, peel] },
  { pass: dse, level: 2 },
  { pass: reassociate, level: 4 },
  { pass: vectorize, level: 3 },
  { pass: fold, level: 2, after: NEW_CODE },
  { pass: rules, level: 2, after: NEW_CODE },
  { pass: cse, level: 2, after: NEW_CODE },
  { pass: guards, level: 3, after: [strips] },
  { pass: strength, level: 4 },
  { pass: fold, level: 3, after: [strength] },
  { pass: rules, level: 3, after: [strength] },
  { pass: cse, level: 3, after: [strength] },
  { pass: dce, level: 1 },
  { pass: hostTraps, level: 4 },
];

/** Every pass once, in the order of its first line. */
export const PASSES: readonly Pass[] = [...new Set(PIPELINE.map((l) => l.pass))];

/** Which passes run: names, and the level that decides about repetitions. */
export interface PassSet {
  readonly level: number;
  readonly names: ReadonlySet<string>;
  /** Rules that are switched off, as `pass.rule`. */
  readonly off: ReadonlySet<string>;
  /** Passes in the order in which they run instead of the catalogue's, each as often as it is in it; null without. */
  readonly order: readonly Pass[] | null;
}

function passOf(name: string): Pass {
  const pass = PASSES.find((p) => p.name === name);
  if (!pass) {
    const known = PASSES.map((p) => p.name);
    throw new UserError(unknownName('pass', name, known));
  }
  return pass;
}

/**
 * Reads `O2`, `O3,+licm,-cse`, `-cse` (changes to O3), `-guards.widened` (a rule), `order:phis:fold:dce` (these passes and no
 * others). Throws a UserError for a name that is no pass or rule.
 */
export function passSet(text: string): PassSet {
  const { level, changes, order } = parsePasses(text);
  const names = new Set(order ?? PIPELINE.filter((l) => l.level <= level).map((l) => l.pass.name));
  const off = new Set<string>();
  for (const { name, rule, on } of changes) {
    const pass = passOf(name);
    if (rule === undefined) {
      if (on) names.add(name);
      else names.delete(name);
      continue;
    }
    const rules = pass.rules ?? [];
    if (!rules.includes(rule)) throw new UserError(unknownName(`rule of pass ${name}`, rule, [...rules]));
    if (on) off.delete(`${name}.${rule}`);
    else off.add(`${name}.${rule}`);
  }
  return { level, names, off, order: order ? order.map(passOf) : null };
}

export interface OptimizeOptions {
  /** Passes to run: text as on the command line, a parsed set, or plain names (then at level 3). */
  readonly enabled?: string | PassSet | ReadonlySet<string>;
  /** Check the region before the first and after each pass. */
  readonly verify?: boolean;
  /** Called after each pass. */
  onPass?(region: Region, report: PassReport): void;
  readonly folder?: Folder;
  /** Bounds what is done; not bounded without. */
  readonly fuel?: OptFuel;
}

const NONE: ReadonlySet<string> = new Set();

function chosen(enabled: OptimizeOptions['enabled']): PassSet {
  if (enabled === undefined || typeof enabled === 'string') return passSet(enabled ?? '');
  return 'names' in enabled ? enabled : { level: 3, names: enabled, off: NONE, order: null };
}

function size(region: Region): number {
  let n = 0;
  for (const b of region.blocks) n += b.body.length;
  return n;
}

/** Instructions with numbers from `firstNew` on. */
function sizeNew(region: Region, firstNew: number): number {
  let n = 0;
  for (const b of region.blocks) for (const ins of b.body) if (ins.id >= firstNew) n++;
  return n;
}

/** Runs one pass and says what it did. */
export function runPass(
  pass: Pass,
  region: Region,
  use: Folder = folder(),
  fuel: OptFuel = new OptFuel(),
  off: ReadonlySet<string> = NONE,
): PassReport {
  const rules: Record<string, number> = {};
  const context: PassContext = {
    folder: use,
    fired(id) {
      rules[id] = (rules[id] ?? 0) + 1;
      fuel.fired(id);
    },
    get spent() {
      return fuel.spent;
    },
    may: (id) => !fuel.spent && (off.size === 0 || !off.has(`${pass.name}.${id}`)),
  };
  const before = size(region);
  const firstNew = region.nextId;
  const start = performance.now();
  pass.run(region, context);
  const ms = performance.now() - start;
  // Most passes make nothing, and then there is nothing to look for.
  const added = region.nextId === firstNew ? 0 : sizeNew(region, firstNew);
  return { name: pass.name, removed: before + added - size(region), added, ms, rules };
}

/** Optimizes `region` in place. Returns a report for each pass that ran, in order; a pass may have several. */
export function optimize(region: Region, options: OptimizeOptions = {}): PassReport[] {
  const set = chosen(options.enabled);
  const reports: PassReport[] = [];
  if (options.verify) verify(region);
  const ran = new Set<Pass>();
  /** Passes that have changed something, with the number of the report. */
  const changed = new Map<Pass, number>();
  const last = new Map<Pass, number>();
  const lines: readonly Line[] = set.order?.map((pass) => ({ pass, level: 1 })) ?? PIPELINE;
  for (const { pass, level, after } of lines) {
    // A pass that was added by name runs at its first place whatever the level.
    if (!set.names.has(pass.name) || (level > set.level && ran.has(pass))) continue;
    const since = last.get(pass) ?? -1;
    if (after && ran.has(pass) && !after.some((p) => (changed.get(p) ?? -1) > since)) continue;
    ran.add(pass);
    if (options.fuel && !options.fuel.begin(region.id, pass.name)) break;
    const report = runPass(pass, region, options.folder, options.fuel, set.off);
    last.set(pass, reports.length);
    if (report.removed + report.added > 0 || Object.keys(report.rules).length > 0) changed.set(pass, reports.length);
    if (options.verify) checked(region, pass);
    reports.push(report);
    options.onPass?.(region, report);
  }
  return reports;
}

function checked(region: Region, pass: Pass): void {
  try {
    verify(region);
  } catch (e) {
    if (e instanceof Error) e.message = `after pass ${pass.name}: ${e.message}`;
    throw e;
  }
}
