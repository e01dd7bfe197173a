/** One random module by seed, run natively and in several configurations of the machine; what differs is reported. */
import type { Options } from '../../src/index.ts';
import { type ModeRun, observed, runWith } from '../modes/harness.ts';
import { EXACT, RULES } from '../opt/names.ts';
import { makeHost } from './host.ts';
import { type RandomModule, randomModule } from './module.ts';
import type { Size } from './plan.ts';
import { type Decisions, Source } from './source.ts';

export interface Difference {
  /** Options with which the machine differs from the host. */
  options: Partial<Options>;
  /** First thing that differs: what the host observed and what the machine did. */
  what: string;
  host: string;
  machine: string;
}

export interface Trial {
  module: RandomModule;
  decisions: Decisions;
  differences: Difference[];
  /** Fragments compiled and guest instructions that ran in fragments. */
  fragments: number;
  inFragments: number;
}

const CHECKED = { check: true } as const;
const HOT = { mode: 'trace', hotLoop: 1, hotExit: 1, hotEntry: 1, compileShare: 0, minRegion: 0, ...CHECKED } as const;

/** The configurations for a seed: the interpreter, everything hot, two at random, and native first. */
export function configurations(seed: number): Partial<Options>[] {
  const source = new Source(seed ^ 0x5bd1e995);
  const random = (): Partial<Options> => {
    const options: Partial<Options> = {
      mode: 'trace',
      ...CHECKED,
      compileShare: 0,
      hotLoop: source.pick([1, 2, 3, 7, 20]),
      hotExit: source.pick([1, 2, 5, 1000]),
      hotEntry: source.pick([1, 2, 5, 1000]),
    };
    if (source.chance(20)) options.maxTrace = source.pick([10, 40, 200]);
    if (source.chance(15)) options.cacheSize = source.pick([3000, 12_000, 40_000]);
    if (source.chance(25)) {
      options.forceExits = `${source.pick(['0.3', '0.1', '0.02'])},${source.below(1000) + 1}`;
      options.hotExit = 1000;
    }
    switch (source.below(6)) {
      case 4:
        options.passes = `O3,-${source.pick(RULES)},-${source.pick(RULES)}`;
        break;
      case 5:
        options.passes = `order:${Array.from({ length: 8 }, () => source.pick(EXACT)).join(':')}`;
        break;
      case 0:
        options.passes = `O3,-${source.pick(EXACT)},-${source.pick(EXACT)}`;
        break;
      case 1:
        options.passes = `O0,+${source.pick(EXACT)},+${source.pick(EXACT)},+dce`;
        break;
      case 2:
        options.passes = source.pick(['O1', 'O2', 'O0']);
    }
    return options;
  };
  const forced = { ...HOT, hotExit: 1000, forceExits: 'all' };
  const moved = { nativeFirst: 'on', moveAfter: 1 + (seed % 3) } as const;
  return [{ mode: 'interp', ...CHECKED }, HOT, source.chance(50) ? forced : random(), random(), moved];
}

/** The module of a seed, or of a tree of decisions. Throws where the generator itself is wrong. */
export function generate(from: number | Decisions, size: Size): { module: RandomModule; decisions: Decisions } {
  const source = new Source(from);
  const module = randomModule(source, size);
  if (!WebAssembly.validate(module.bytes)) {
    try {
      new WebAssembly.Module(module.bytes);
    } catch (error) {
      throw new Error(
        `the generator made an invalid module from ${JSON.stringify(from).slice(0, 60)}: ${String(error)}`,
      );
    }
  }
  return { module, decisions: source.decisions };
}

/** Runs a module in the given configurations, those of the seed unless others are given. */
export function trial(seed: number | Decisions, size: Size, options?: readonly Partial<Options>[]): Trial {
  const { module, decisions } = generate(seed, size);
  const label = typeof seed === 'number' ? `seed ${seed}` : 'shrinking';
  const result: Trial = { module, decisions, differences: [], fragments: 0, inFragments: 0 };
  const host = runWith(module.bytes, makeHost, `${label} natively`, null, module.steps);
  for (const o of options ?? configurations(Number(seed))) {
    const { difference, run } = compare(module, host, o, label);
    if (difference) result.differences.push(difference);
    const stats = run?.machine?.stats();
    result.fragments += stats?.traces.compiled ?? 0;
    result.inFragments += stats?.instructions.fragments ?? 0;
  }
  return result;
}

/** Runs the module with these options and compares with what the host alone did. */
export function compare(
  module: RandomModule,
  host: ModeRun,
  options: Partial<Options>,
  label: string,
): { difference: Difference | null; run: ModeRun | null } {
  let run: ModeRun;
  try {
    run = runWith(module.bytes, makeHost, `${label} with ${JSON.stringify(options)}`, options, module.steps);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { difference: { options, what: 'the machine itself', host: 'runs', machine: text }, run: null };
  }
  const first = firstDifference(host, run, module.calls);
  return { difference: first && { options, ...first }, run };
}

function firstDifference(host: ModeRun, run: ModeRun, calls: readonly string[]): Omit<Difference, 'options'> | null {
  const a = observed(host);
  const b = observed(run);
  const lists: [string, readonly string[], readonly string[]][] = [
    ['result of', a.steps, b.steps],
    ['host call', a.host, b.host],
  ];
  for (const [what, x, y] of lists) {
    for (let i = 0; i < Math.max(x.length, y.length); i++) {
      if (x[i] === y[i]) continue;
      const which = what === 'host call' ? String(i) : (calls[i] ?? `step ${i}`);
      return { what: `${what} ${which}`, host: x[i] ?? 'nothing', machine: y[i] ?? 'nothing' };
    }
  }
  for (const name of Object.keys({ ...a.exports, ...b.exports })) {
    if (a.exports[name] !== b.exports[name]) {
      return { what: `export ${name}`, host: a.exports[name] ?? 'nothing', machine: b.exports[name] ?? 'nothing' };
    }
  }
  return null;
}
