/**
 * Runs an application in processes of its own: plain Node, Node with `--import wynamo/register`, and once more with
 * Wynamo where everything is counted, for the sizes of modules and the coverage.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Stats } from '../../src/profile/schema.ts';
import { median } from '../../src/stats/quantile.ts';
import type { Sample } from './child.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
/** As an installed package has it: a bundle, which loads in a fraction of the time that the sources take. */
const REGISTER = new URL('../../dist/library/register.js', import.meta.url).href;

export interface Outcome {
  sample: Sample | null;
  /** Why there is no sample. */
  error: string | null;
}

/** One process. `wynamo`: settings of the drop-in form, null for plain Node. Milliseconds until it is ended. */
export function runOnce(name: string, wynamo: Readonly<Record<string, string>> | null, timeout: number): Outcome {
  // Applications that start `node` get this one, and through NODE_OPTIONS their children run under Wynamo, too.
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
  const flags = ['--disable-warning=ExperimentalWarning', ...(wynamo ? [`--import=${REGISTER}`] : [])];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [CHILD, name], {
    env: { ...process.env, ...wynamo, PATH: path, NODE_OPTIONS: flags.join(' ') },
    encoding: 'utf8',
    timeout,
    maxBuffer: 2 ** 28,
  });
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (status === 0 && last.startsWith('{')) return { sample: JSON.parse(last) as Sample, error: null };
  const why = signal === 'SIGTERM' ? `ended after ${timeout} ms` : `status ${status ?? signal}`;
  return { sample: null, error: `${why}: ${stderr.trim().split('\n').slice(-6).join(' | ')}` };
}

/** The counted run: statistics of all modules that it instantiated, in all its processes and threads. */
export function runCounted(name: string, timeout: number): Outcome & { modules: Stats[] } {
  const folder = mkdtempSync(join(tmpdir(), 'wynamo-apps-'));
  try {
    const outcome = runOnce(name, { WYNAMO_STATS: join(folder, 'stats.json') }, timeout);
    const modules = readdirSync(folder).flatMap(
      (file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { runs: Stats[] }).runs,
    );
    return { ...outcome, modules };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Figures {
  /** Milliseconds and bytes; medians. */
  start: number;
  whole: number;
  memory: number;
}

export interface Measured {
  name: string;
  doc: string;
  /** Bytes of all different modules. */
  bytes: number;
  native: Figures | null;
  wynamo: Figures | null;
  /** True when every run gave the same text. */
  equal: boolean;
  /** Guest instructions of the counted run, and the share that fragments executed; null where nothing was counted. */
  instructions: number;
  coverage: number | null;
  errors: string[];
  /** The largest module of the counted run, for the report. */
  largest: Stats | null;
}

/** Measures one application; native and Wynamo's processes take turns, so that a slow minute falls on both. */
export function measure(name: string, doc: string, reps: number, timeout: number): Measured {
  const outcomes = { native: [] as Outcome[], wynamo: [] as Outcome[] };
  for (let i = 0; i < reps; i++) {
    outcomes.native.push(runOnce(name, null, timeout));
    outcomes.wynamo.push(runOnce(name, {}, timeout));
  }
  const counted = runCounted(name, timeout);
  const all = [...outcomes.native, ...outcomes.wynamo, counted];
  const texts = new Set(all.map(({ sample }) => sample?.output ?? null));
  const sizes = new Map(counted.modules.map((m) => [m.module.sha256, m.module.bytes]));
  const sum = (of: (stats: Stats) => number) => counted.modules.reduce((n, stats) => n + of(stats), 0);
  const instructions = sum((s) => s.instructions.total);
  return {
    name,
    doc,
    bytes: [...sizes.values()].reduce((a, b) => a + b, 0),
    native: figures(outcomes.native),
    wynamo: figures(outcomes.wynamo),
    equal: texts.size === 1 && !texts.has(null),
    instructions,
    coverage: instructions > 0 ? sum((s) => s.instructions.fragments) / instructions : null,
    errors: [...new Set(all.flatMap(({ error }) => error ?? []))],
    largest: counted.modules.toSorted((a, b) => b.instructions.total - a.instructions.total)[0] ?? null,
  };
}

function figures(outcomes: readonly Outcome[]): Figures | null {
  const samples = outcomes.flatMap(({ sample }) => sample ?? []);
  if (samples.length === 0) return null;
  const of = (key: 'start' | 'whole' | 'memory') => median(samples.map((sample) => sample[key]));
  return { start: of('start'), whole: of('whole'), memory: of('memory') };
}
