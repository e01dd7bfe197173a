/**
 * What the drop-in form is to do, from the environment:
 *
 *     WYNAMO_OPTIONS   flags of the machine, as the command takes them: --hot-loop=30 --mode=interp
 *     WYNAMO_NATIVE    modules that are left alone: what their file, name or SHA-256 contains, with commas between
 *     WYNAMO_STATS     file that gets all figures as JSON when the program ends
 *     WYNAMO_REPORT    file that gets the report as HTML when the program ends
 *     WYNAMO_SIGNALS   what signals do, with commas between: SIGUSR2=dump,SIGHUP=reset (attach, detach, dump, reset)
 *     WYNAMO_DETACHED  1: begins detached
 *     WYNAMO_CONFIG    JSON file with the same settings: { "options": {...}, "native": [...], "stats": "", "report": "",
 *                      "signals": "", "detached": false }
 *
 * The environment goes before the file.
 */
import { parse } from '../cli/flag.ts';
import { UserError, unknownName } from '../errors.ts';
import { readJson } from '../json-file.ts';
import { type Options, resolveOptions, toShowFragments } from '../options.ts';
import { type Action, parseSignals } from './control.ts';

export interface Settings {
  readonly options: Options;
  readonly native: readonly string[];
  /** Files; empty where nothing is to be written. */
  readonly stats: string;
  readonly report: string;
  readonly signals: readonly [NodeJS.Signals, Action][];
  /** Guests run natively until somebody attaches. */
  readonly detached: boolean;
}

interface Config {
  options?: Partial<Options>;
  native?: string[];
  stats?: string;
  report?: string;
  signals?: string;
  detached?: boolean;
}

const KEYS = ['options', 'native', 'stats', 'report', 'signals', 'detached'];

/** Throws a UserError for settings that make no sense. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const file = env.WYNAMO_CONFIG ? readConfig(env.WYNAMO_CONFIG) : {};
  const report = env.WYNAMO_REPORT ?? file.report ?? '';
  const options = resolveOptions({ ...resolveOptions(file.options), ...flags(env.WYNAMO_OPTIONS ?? '') });
  if (report) {
    options.keepCode = true;
    toShowFragments(options);
  }
  const native = env.WYNAMO_NATIVE === undefined ? (file.native ?? []) : env.WYNAMO_NATIVE.split(',').filter(Boolean);
  const signals = parseSignals(env.WYNAMO_SIGNALS ?? file.signals ?? '');
  const detached = env.WYNAMO_DETACHED === undefined ? file.detached === true : env.WYNAMO_DETACHED === '1';
  return { options, native, stats: env.WYNAMO_STATS ?? file.stats ?? '', report, signals, detached };
}

/** The options that the text names; those that it does not name stay what they were. */
function flags(text: string): Partial<Options> {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) return {};
  const { options, positionals } = parse('register', words, []);
  if (positionals.length > 0)
    throw new UserError(`WYNAMO_OPTIONS takes flags of the machine, not '${positionals[0] as string}'`);
  const defaults = resolveOptions();
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== defaults[name as keyof Options]),
  ) as Partial<Options>;
}

function readConfig(path: string): Config {
  const config = readJson(path, 'WYNAMO_CONFIG');
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new UserError(`WYNAMO_CONFIG: ${path} holds no object; it takes ${KEYS.join(', ')}`);
  for (const key of Object.keys(config))
    if (!KEYS.includes(key)) throw new UserError(`WYNAMO_CONFIG: ${path}: ${unknownName('setting', key, KEYS)}`);
  const { native } = config as Config;
  if (native !== undefined && !(Array.isArray(native) && native.every((item) => typeof item === 'string')))
    throw new UserError(`WYNAMO_CONFIG: ${path}: native takes a list of texts`);
  return config as Config;
}
