/**
 * The options of the machine, declared once. The `Options` type, validation, the command line's flags and help, and the
 * table in docs/cli.md all derive from the rows below.
 *
 *     resolveOptions({ mode: 'interp', hotLoop: 2 }).hotExit === 20
 *     resolveOptions({ hotloop: 2 })   // UserError: there is no option 'hotloop'; did you mean 'hotLoop'?
 */
import { UserError, unknownName } from './errors.ts';

/**
 * What an option can change. `tuning`: speed only, never a result. `ablation`: switches a part of the machine off or
 * makes it misbehave on purpose, results stay the same. `limit`: may stop the guest. `output`: what is written or kept.
 */
export type OptionKind = 'tuning' | 'ablation' | 'limit' | 'output';

interface RowBase {
  /** Property name in the library. */
  readonly name: string;
  /** Flag on the command line without its dashes; one letter means a short flag. */
  readonly flag: string;
  /** Placeholder of the value in help texts. */
  readonly value?: string;
  readonly kind: OptionKind;
  readonly doc: string;
}
interface ChoiceRow extends RowBase {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}
interface NumberRow extends RowBase {
  /** `bytes` accepts suffixes k, M, G (powers of 1024) on the command line. */
  readonly type: 'integer' | 'bytes';
  readonly min: number;
  readonly max: number;
  readonly default: number;
}
interface TextRow extends RowBase {
  readonly type: 'text';
  readonly default: string;
  /** Throws a UserError for text that has the wrong form. */
  readonly check?: (text: string) => unknown;
}
interface BoolRow extends RowBase {
  readonly type: 'bool';
  readonly default: boolean;
}
export type OptionRow = ChoiceRow | NumberRow | TextRow | BoolRow;

const MAX = Number.MAX_SAFE_INTEGER;

/** Milliseconds of compiling that are free where fragments are what a run is for. */
const SHOWN = 200;

/** More of something than any run has: no bound. */
const MOST = 1_000_000_000;

export const OPTION_ROWS = [
  {
    name: 'mode',
    flag: 'mode',
    type: 'choice',
    choices: ['interp', 'trace', 'native'],
    default: 'trace',
    value: 'MODE',
    kind: 'ablation',
    doc: 'interp: interpreter only; trace: interpreter and optimized traces, from the start or after native code (see native-first); native: the plain module on the host',
  },
  {
    name: 'policy',
    flag: 'policy',
    type: 'text',
    default: 'mixed',
    value: 'NAME[:PARAMETER=N]',
    kind: 'ablation',
    doc: 'which code is compiled: a selection policy, with parameters of its own after colons (lei:cycles=50); `wynamo list policies` has them',
  },
  {
    name: 'exactProfile',
    flag: 'exact-profile',
    type: 'text',
    default: '',
    value: 'FILE',
    kind: 'ablation',
    doc: 'what policy oracle selects from: an exact profile of the same run, written by `wynamo profile --exact=FILE`',
  },
  {
    name: 'nativeFirst',
    flag: 'native-first',
    type: 'choice',
    choices: ['auto', 'on', 'off'],
    default: 'auto',
    value: 'WHEN',
    kind: 'tuning',
    doc: "on: the guest's own code runs, and activations that stay in a loop move to code that the host optimizes; nothing is counted. auto: where no other option and no statistics are asked for, by run and in the drop-in form",
  },
  {
    name: 'moveAfter',
    flag: 'move-after',
    type: 'integer',
    min: 0,
    max: 2 ** 29,
    default: 0,
    value: 'N',
    kind: 'ablation',
    doc: 'native-first: arrivals at the head of a loop after which an activation moves, whatever it gains; 0: by the clock',
  },
  {
    name: 'moveTo',
    flag: 'move-to',
    type: 'choice',
    choices: ['auto', 'native', 'machine'],
    default: 'auto',
    value: 'WHERE',
    kind: 'ablation',
    doc: "native-first: where activations move. native: to the guest's code, optimized by the host; machine: to traces, optimized here; auto: to the machine where a loop may become vectors, keeps its variables in memory, or branches only to choose values, as long as that is mended there",
  },
  {
    name: 'hotLoop',
    flag: 'hot-loop',
    type: 'integer',
    min: 1,
    max: 2 ** 30,
    default: 60,
    value: 'N',
    kind: 'tuning',
    doc: 'times a loop head is reached before a trace is recorded there',
  },
  {
    name: 'hotExit',
    flag: 'hot-exit',
    type: 'integer',
    min: 1,
    max: 2 ** 30,
    default: 20,
    value: 'N',
    kind: 'tuning',
    doc: 'times an exit is taken before a side trace is recorded there',
  },
  {
    name: 'hotEntry',
    flag: 'hot-entry',
    type: 'integer',
    min: 1,
    max: 2 ** 30,
    default: 200,
    value: 'N',
    kind: 'tuning',
    doc: 'times a function is entered before a trace is recorded there',
  },
  {
    name: 'constantAfter',
    flag: 'constant-after',
    type: 'integer',
    min: 1,
    max: 2 ** 30,
    default: 3,
    value: 'N',
    kind: 'tuning',
    doc: 'observed entries of a loop or function in which a local has to hold the same value until code assumes it; see pass specialize',
  },
  {
    name: 'compileShare',
    flag: 'compile-share',
    type: 'integer',
    min: 0,
    max: 1000,
    default: 40,
    value: 'PERCENT',
    kind: 'tuning',
    doc: 'time for compiling code that has not earned it itself, as a share of the time that the guest has run, both estimated by counts; 0: any',
  },
  {
    name: 'compileFree',
    flag: 'compile-free',
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 0,
    value: 'MS',
    kind: 'tuning',
    doc: 'milliseconds of compiling, estimated by counts, that a guest may use before it has earned any; profile, report, dump and explore, which are there to show fragments, use 200 instead of 0',
  },
  {
    name: 'compile',
    flag: 'compile',
    type: 'choice',
    choices: ['inline', 'background'],
    default: 'inline',
    value: 'WHERE',
    kind: 'tuning',
    doc: 'where the host compiles what was emitted. inline: here, and the guest waits; background: in a thread, once there are several fragments, while the guest goes on as before, so that counts of what was interpreted vary; with deterministic, fuel or check always inline',
  },
  {
    name: 'minRegion',
    flag: 'min-region',
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 100,
    value: 'N',
    kind: 'tuning',
    doc: 'instructions of a function without loops and calls at least, to be entered by the interpreter as a region',
  },
  {
    name: 'maxRegion',
    flag: 'max-region',
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 2000,
    value: 'N',
    kind: 'tuning',
    doc: 'instructions of a region of several paths at most; 0: linear traces only',
  },
  {
    name: 'maxInline',
    flag: 'max-inline',
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 400,
    value: 'N',
    kind: 'tuning',
    doc: 'instructions of a function that a region takes in where it calls it, at most; 0: none',
  },
  {
    name: 'maxTrace',
    flag: 'max-trace',
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 4000,
    value: 'N',
    kind: 'tuning',
    doc: 'guest instructions recorded before a trace is given up',
  },
  {
    name: 'cacheSize',
    flag: 'cache-size',
    type: 'bytes',
    min: 0,
    max: 2 ** 40,
    default: 64 * 1024 * 1024,
    value: 'BYTES',
    kind: 'tuning',
    doc: 'bytes of emitted code that the fragment cache holds before its policy gives up some; suffixes k, M, G',
  },
  {
    name: 'cachePolicy',
    flag: 'cache-policy',
    type: 'text',
    default: 'flush',
    value: 'NAME[:PARAMETER=N]',
    kind: 'ablation',
    doc: 'what is given up when the fragment cache is full: a cache policy, with parameters of its own after colons (cull:free=50); `wynamo list caches` has them',
  },
  {
    name: 'passes',
    flag: 'O',
    type: 'text',
    default: 'O3',
    value: 'PASSES',
    kind: 'ablation',
    check: parsePasses,
    doc: 'level 0 to 3 of optimization, passes to add and leave out, rules to leave out, or passes in an order of your own: -O3, -O+licm,-cse, -O-guards.widened, -Oorder:phis:fold:dce; may be repeated',
  },
  {
    name: 'maxFragments',
    flag: 'max-fragments',
    type: 'integer',
    min: 0,
    max: MOST,
    default: MOST,
    value: 'N',
    kind: 'ablation',
    doc: 'fragments compiled in all; see wynamo bisect',
  },
  {
    name: 'passFuel',
    flag: 'pass-fuel',
    type: 'integer',
    min: 0,
    max: MOST,
    default: MOST,
    value: 'N',
    kind: 'ablation',
    doc: 'runs of passes over all fragments; what comes later is emitted as it is then; see wynamo bisect',
  },
  {
    name: 'ruleFuel',
    flag: 'rule-fuel',
    type: 'integer',
    min: 0,
    max: MOST,
    default: MOST,
    value: 'N',
    kind: 'ablation',
    doc: 'firings of rules over all fragments; see wynamo bisect',
  },
  {
    name: 'forceExits',
    flag: 'force-exits',
    type: 'text',
    default: '',
    value: 'all|P[,SEED]',
    kind: 'ablation',
    check: parseForceExits,
    doc: 'makes guards fail on purpose: all of them, or each with probability P (0 to 1) by a seeded schedule',
  },
  {
    name: 'fuel',
    flag: 'fuel',
    type: 'integer',
    min: 0,
    max: MAX,
    default: 0,
    value: 'N',
    kind: 'limit',
    doc: 'guest instructions after which the guest is stopped; 0: no limit',
  },
  {
    name: 'timeout',
    flag: 'timeout',
    type: 'integer',
    min: 0,
    max: 2 ** 31 - 1,
    default: 0,
    value: 'MS',
    kind: 'limit',
    doc: 'milliseconds after which the guest is stopped; 0: no limit',
  },
  {
    name: 'maxMemory',
    flag: 'max-memory',
    type: 'bytes',
    min: 0,
    max: 2 ** 46,
    default: 0,
    value: 'BYTES',
    kind: 'limit',
    doc: "bytes that all of the guest's memories together may have; a guest that asks for more is stopped; 0: no limit but the host's; suffixes k, M, G",
  },
  {
    name: 'stack',
    flag: 'stack',
    type: 'bytes',
    min: 64 * 1024,
    max: 1024 * 1024 * 1024,
    default: 8 * 1024 * 1024,
    value: 'BYTES',
    kind: 'limit',
    doc: 'bytes of the frame stack; a guest that needs more gets a stack overflow; suffixes k, M, G',
  },
  {
    name: 'check',
    flag: 'check',
    type: 'bool',
    default: false,
    kind: 'ablation',
    doc: 'verifies the IR after each pass and the recorded trace against the interpreter (slow)',
  },
  {
    name: 'log',
    flag: 'log',
    type: 'text',
    default: '',
    value: 'FILE',
    kind: 'output',
    doc: 'file that gets a line for each event of the machine; - is standard error',
  },
  {
    name: 'keepCode',
    flag: 'keep-code',
    type: 'bool',
    default: false,
    kind: 'output',
    doc: 'keeps trace, IR and emitted Wasm of each fragment as text in the statistics',
  },
  {
    name: 'sample',
    flag: 'sample',
    type: 'bool',
    default: false,
    kind: 'output',
    doc: 'samples what the machine is doing from a worker, for the time by component',
  },
  {
    name: 'deterministic',
    flag: 'deterministic',
    type: 'bool',
    default: false,
    kind: 'tuning',
    doc: 'lets nothing depend on the clock, so that two runs take the same decisions',
  },
] as const satisfies readonly OptionRow[];

type Row = (typeof OPTION_ROWS)[number];
type ValueOf<R> = R extends { choices: readonly (infer C)[] }
  ? C
  : R extends { type: 'integer' | 'bytes' }
    ? number
    : R extends { type: 'bool' }
      ? boolean
      : string;

/** All options with the values in force; units are in {@link OPTION_ROWS}. */
export type Options = { -readonly [R in Row as R['name']]: ValueOf<R> };
export type OptionName = keyof Options;

/** The options by name, for lookups. */
export const OPTION_BY_NAME: ReadonlyMap<string, OptionRow> = new Map(OPTION_ROWS.map((row) => [row.name, row]));

/** What `--force-exits` asks for: guards fail when a 32-bit random number is below `below` (2 ** 32 - 1: always). */
export interface ForceExits {
  below: number;
  /** Start of the generator, not 0. */
  seed: number;
}

/** Reads `''`, `all`, `P` or `P,SEED`; null when no guard is to fail on purpose. */
export function parseForceExits(text: string): ForceExits | null {
  if (text === '') return null;
  if (text === 'all') return { below: 0xffff_ffff, seed: 1 };
  const m = /^(\d*\.?\d+(?:e-?\d+)?)(?:,(\d+))?$/i.exec(text);
  const p = Number(m?.[1]);
  if (!m || !(p >= 0 && p <= 1)) {
    throw new UserError(
      `option forceExits takes 'all' or a probability from 0 to 1 with an optional seed (0.01,7), not '${text}'`,
    );
  }
  const seed = Number(m[2] ?? 1) >>> 0;
  return { below: Math.min(0xffff_ffff, Math.round(p * 2 ** 32)), seed: seed || 1 };
}

/** A level and the changes to it, in order. Which passes a level has, and their names, is the catalogue's business. */
export interface PassChoice {
  level: 0 | 1 | 2 | 3;
  /** Passes, or single rules of theirs. */
  changes: { name: string; rule?: string; on: boolean }[];
  /** Exactly these passes, one after the other; null: those of the level, in the order of the catalogue. */
  order: string[] | null;
}

/**
 * Reads `O2`, `+licm,-cse`, `O1,+cse` (also `2` for `O2`), `-guards.widened`, `order:phis:fold:dce`; the last level and order
 * win, none means O3.
 */
export function parsePasses(text: string): PassChoice {
  const choice: PassChoice = { level: 3, changes: [], order: null };
  for (const item of text.split(',')) {
    if (item === '') continue;
    const level = /^O?([0-3])$/.exec(item);
    const change = /^([+-])([a-z][a-z0-9-]*)(?:\.([a-z0-9][a-z0-9-]*))?$/.exec(item);
    const order = /^order((?::[a-z][a-z0-9-]*)+)$/.exec(item);
    if (level) choice.level = Number(level[1]) as PassChoice['level'];
    else if (order) choice.order = order[1]!.slice(1).split(':');
    else if (change) {
      const [, sign, name, rule] = change;
      choice.changes.push({ name: name!, ...(rule === undefined ? {} : { rule }), on: sign === '+' });
    } else
      throw new UserError(
        `option passes takes a level (O0 to O3), changes (+pass, -pass, -pass.rule) and order:pass:pass with commas between, not '${item}'`,
      );
  }
  return choice;
}

/** Throws a UserError unless `value` is right for `row`. */
function checkValue(row: OptionRow, value: unknown): void {
  const wrong = (wants: string) =>
    new UserError(`option ${row.name} takes ${wants}, not ${JSON.stringify(value) ?? String(value)}`);
  switch (row.type) {
    case 'choice':
      if (typeof value !== 'string' || !row.choices.includes(value)) throw wrong(row.choices.join(', '));
      break;
    case 'integer':
    case 'bytes':
      if (!Number.isSafeInteger(value) || (value as number) < row.min || (value as number) > row.max) {
        throw wrong(`a whole number from ${row.min} to ${row.max}`);
      }
      break;
    case 'bool':
      if (typeof value !== 'boolean') throw wrong('true or false');
      break;
    case 'text':
      if (typeof value !== 'string') throw wrong('text');
      row.check?.(value);
      break;
  }
}

/** All options: those given (undefined counts as not given), defaults for the rest. Throws a UserError for wrong ones. */
export function resolveOptions(partial: Partial<Options> = {}): Options {
  const all: Record<string, unknown> = Object.fromEntries(OPTION_ROWS.map((row) => [row.name, row.default]));
  for (const [name, value] of Object.entries(partial)) {
    if (value === undefined) continue;
    const row = OPTION_BY_NAME.get(name);
    if (!row) throw new UserError(unknownName('option', name, [...OPTION_BY_NAME.keys()]));
    checkValue(row, value);
    all[name] = value;
  }
  return all as Options;
}

/** Options of a run that is there to show fragments, however short it is; see --compile-free. */
export function toShowFragments(options: Options): void {
  if (options.compileFree === 0) options.compileFree = SHOWN;
}
