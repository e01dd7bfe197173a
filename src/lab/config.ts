/**
 * The named configurations that a workload is measured under: flags of Node, and how the guest is run. A row of `CONFIGS`
 * is all there is to a configuration. Variations need no row: options and flags are added to a name, and `@2` is the same
 * configuration once more, so that the difference between two equal things (A/A) shows the noise.
 *
 *     configOf('trace+hotLoop=20+passes=O0')
 *     configOf('turbofan+--no-wasm-bounds-checks')
 *     configOf('trace@2')
 */
import { readOption } from '../cli/flag.ts';
import { UserError, unknownName } from '../errors.ts';
import { OPTION_BY_NAME } from '../options.ts';

/** `profiled`: natively, with code in the guest that counts; `monitored`: with all monitors. */
export type Mode = 'native' | 'profiled' | 'monitored' | 'interp' | 'trace';
export type OptionValues = Readonly<Record<string, string | number | boolean>>;

export interface Config {
  doc: string;
  /** Flags of Node, before the script. */
  flags: readonly string[];
  mode: Mode;
  /** Options of the machine. */
  options: OptionValues;
  /** Steady state by calling the same instance again, or a fresh instance of the same module each time. */
  iterate: 'again' | 'fresh';
  /** Most repetitions of a whole-process measure, where one takes long. */
  maxReps: number;
  /**
   * Fewest iterations of a steady-state measure, half as many where they take long (`enough.ts`): of fewer, the part behind a
   * warm-up says nothing.
   */
  least: number;
}

/** The best of several configurations, chosen for each workload. It is not run itself. */
export interface Best {
  doc: string;
  best: readonly string[];
}

/** What the `wynamo` command passes to Node; a test compares it with `bin/engine.mjs`. */
export const MACHINE_FLAGS: readonly string[] = [
  '--experimental-wasm-compilation-hints',
  '--wasm-inlining-budget=100000',
  '--wasm-inlining-factor=50',
];

const native = (doc: string, flags: readonly string[], rest: Partial<Config> = {}): Config => ({
  doc,
  flags,
  mode: 'native',
  options: {},
  iterate: 'again',
  maxReps: 1000,
  least: 12,
  ...rest,
});
const machine = (doc: string, options: OptionValues, rest: Partial<Config> = {}): Config => ({
  doc,
  flags: MACHINE_FLAGS,
  mode: 'trace',
  options,
  iterate: 'again',
  maxReps: 1000,
  least: 12,
  ...rest,
});

// biome-ignore format: a row a line
export const CONFIGS: Readonly<Record<string, Config | Best>> = {
  default: native('plain Node: Liftoff, then TurboFan', []),
  turbofan: native('TurboFan only', ['--no-liftoff']),
  liftoff: native('Liftoff only', ['--liftoff-only'], { maxReps: 3, least: 3 }),
  warm: native('plain Node, fresh instances of the same module until its tiers are up', [], { iterate: 'fresh' }),
  host: { doc: 'the host at its best: the better of turbofan and warm, for each workload', best: ['turbofan', 'warm'] },
  interp: machine('Wynamo, interpreter alone', {}, { mode: 'interp', maxReps: 3, least: 3 }),
  trace: machine('Wynamo as it runs by default: native-first where nothing is counted', {}),
  counted: machine('Wynamo, everything interpreted or in fragments, with all counts', { nativeFirst: 'off' }),
  profiled: native('plain Node, with code in the guest that counts functions, loops and branches', [], { mode: 'profiled' }),
  monitored: native('plain Node, with all monitors in the guest', [], { mode: 'monitored', maxReps: 3, least: 3 }),
  O0: machine('Wynamo, fragments without optimization', { passes: 'O0' }),
  hosttraps: machine('Wynamo, traps left to the host', { passes: 'O3,+host-traps' }),
  forced: machine('Wynamo, one guard in a hundred fails by a seeded schedule', { nativeFirst: 'off', forceExits: '0.01,7' }),
  linear: machine('Wynamo, linear traces only', { maxRegion: 0 }),
};

export const isBest = (config: Config | Best): config is Best => 'best' in config;

/** The configuration of a name with its variations; an unknown one is a UserError that names the nearest. */
export function configOf(text: string): Config | Best {
  // Passes have plus signs of their own: `passes=O0,+cse`.
  const [name = '', ...more] = text.replace(/@\d+$/, '').split(/\+(?=--|[A-Za-z]\w*=)/);
  const row = CONFIGS[name];
  if (!row) throw new UserError(unknownName('configuration', name, Object.keys(CONFIGS)));
  if (isBest(row)) {
    if (more.length)
      throw new UserError(`the configuration '${name}' takes no options: it stands for ${row.best.join(' and ')}`);
    return row;
  }
  const options: Record<string, string | number | boolean> = { ...row.options };
  const flags = [...row.flags];
  for (const item of more) {
    if (item.startsWith('--')) flags.push(item);
    else {
      const [key = '', ...rest] = item.split('=');
      const option = OPTION_BY_NAME.get(key);
      if (!option) throw new UserError(unknownName('option', key, [...OPTION_BY_NAME.keys()]));
      if (row.mode !== 'interp' && row.mode !== 'trace')
        throw new UserError(`the configuration '${name}' runs without the machine, which ${key} is an option of`);
      options[key] = readOption(option, rest.join('='));
    }
  }
  return { ...row, options, flags };
}

/** A configuration that is run; the composite ones are none. */
export function runnable(text: string): Config {
  const config = configOf(text);
  if (isBest(config)) throw new UserError(`the configuration '${text}' is not run itself`);
  return config;
}

/** Names of a comma-separated list, checked. Passes hold commas too, so a list goes on at a known name only. */
export function configNames(list: string): string[] {
  const names: string[] = [];
  for (const part of list.split(',')) {
    const name = part.replace(/@\d+$/, '').split('+')[0]!;
    // `+passes=O1,-cse`, `+forceExits=0.1,7`: what follows the comma belongs to the option.
    if (names.length > 0 && !(name in CONFIGS) && /^[+-]|^\d+$/.test(part)) names[names.length - 1] += `,${part}`;
    else names.push(part);
  }
  for (const name of names) configOf(name);
  return [...new Set(names)];
}

/** The names to run for a list: composite ones are replaced by what they choose from. */
export function expand(names: readonly string[]): string[] {
  return [
    ...new Set(
      names.flatMap((name) => {
        const config = configOf(name);
        return isBest(config) ? config.best : [name];
      }),
    ),
  ];
}
