/**
 * Does jobs in the measured process and prints the sample of each as a line of JSON. Digests of memory and counts are made
 * only where the process as a whole is not timed.
 */
import type { Mix } from '../monitor/monitors/mix.ts';
import type { Stats } from '../profile/schema.ts';
import { enoughQuiet } from './enough.ts';
import { instantiator, type Watched } from './instantiate.ts';
import type { ChildJob, Outcome, Sample } from './job.ts';
import { Looks } from './look.ts';
import { peakMemory } from './peak.ts';
import { type Opened, opener } from './program.ts';

/** Most calls of a steady-state measurement; of calls that take 20 us, fewer would end before the host's tiers are up. */
const MOST_CALLS = 4000;
/** Whole processes from this long on are asked where their time went, which takes some milliseconds. */
const LONG = 1000;
/** A guest that grows its memory anew at each call stops here, bytes. */
const MOST_MEMORY = 2 ** 30;

const round = (ms: number) => Math.round(ms * 1e4) / 1e4;

async function sample(job: ChildJob): Promise<Sample> {
  const steady = job.measure === 'steady';
  const begin = performance.now();
  const watched: Watched[] = [];
  const instantiate = await instantiator(job.mode, job.options, job.measure === 'count', watched);
  const loaded = performance.now();
  const { open, iterate } = await opener(job, instantiate);
  // What the instrument itself has to load and prepare is no part of opening the program.
  const ready = performance.now();
  let opened = await open();
  const openTime = performance.now() - ready + (loaded - begin);

  const calls: number[] = [];
  const looks = job.usual === undefined ? undefined : new Looks(job.usual);
  let first: { outcome: Outcome; memory: string | null } | undefined;
  const start = performance.now();
  for (;;) {
    opened.prepare?.();
    const t = performance.now();
    const result = opened.call();
    const ms = round(performance.now() - t);
    calls.push(ms);
    looks?.called(ms);
    const outcome = await observe(result, opened.output());
    if (job.expected !== null && result !== job.expected) throw new Error(`gave ${result} instead of ${job.expected}`);
    first ??= { outcome, memory: job.measure === 'first' ? null : await memoryDigest(opened.memory()) };
    if (outcome.result !== first.outcome.result || outcome.output !== first.outcome.output) {
      throw new Error(`call ${calls.length} gave ${text(outcome)} instead of ${text(first.outcome)}`);
    }
    if (
      !steady ||
      enoughQuiet(job, calls.length, performance.now() - start, looks?.quiet) ||
      calls.length >= MOST_CALLS
    )
      break;
    if (iterate === 'fresh') {
      for (const machine of opened.machines) machine.dispose();
      opened = await open();
    } else if ((opened.memory()?.buffer.byteLength ?? 0) > MOST_MEMORY) break;
  }

  looks?.end();
  const usage = process.resourceUsage();
  const out: Sample = {
    open: round(openTime),
    calls,
    ...(looks ? { paces: looks.paces } : {}),
    ...first,
    iterate,
    cpu: (usage.userCPUTime + usage.systemCPUTime) / 1000,
    rss: peakMemory(),
  };
  if (watched.length > 0 && job.measure === 'count') return { ...out, ...(await monitored(watched)) };
  if (opened.machines.length === 0) return out;
  if (job.measure !== 'first') {
    // An instance that is not fresh has counted all calls: one more tells what a call is. Nothing is asked between those
    // that are timed, since what an answer takes would push the guest out of the caches.
    const before = calls.length > 1 && iterate === 'again' ? instructionsOf(statsOf(opened)) : NONE;
    if (before.total > 0) {
      opened.prepare?.();
      opened.call();
      opened.output();
    }
    const found = { ...out, ...(await figures(job, opened, before)) };
    // The next job of a list has the process for itself.
    for (const machine of opened.machines) machine.dispose();
    return found;
  }
  return calls[0]! < LONG ? out : { ...out, time: timesOf(statsOf(opened)) };
}

/** Results of monitors, of the largest of the program's modules: the mix, and a digest of each. */
async function monitored(watched: readonly Watched[]): Promise<Pick<Sample, 'mix' | 'monitors'>> {
  const all = watched.map((results) => results());
  const total = (results: ReadonlyMap<string, unknown>) => (results.get('mix') as Mix).total;
  const [most] = all.sort((a, b) => total(b) - total(a));
  const monitors: Record<string, string> = {};
  for (const [name, result] of most!) monitors[name] = await short(Buffer.from(JSON.stringify(result)));
  return { mix: (most!.get('mix') as Mix).effects, monitors };
}

const text = ({ result, output }: Outcome) => `${result}, output ${output}`;

const statsOf = (opened: Opened): Stats[] => opened.machines.map((m) => m.stats());

const NONE = { total: 0, fragments: 0 } as const;

function instructionsOf(stats: readonly Stats[]): { total: number; fragments: number } {
  const sum = { total: 0, fragments: 0 };
  for (const { instructions } of stats) {
    sum.total += instructions.total;
    sum.fragments += instructions.fragments;
  }
  return sum;
}

/** Figures of the machine: of all calls, and of the last by what was there `before` it. */
async function figures(
  job: ChildJob,
  opened: Opened,
  before: { total: number; fragments: number },
): Promise<Partial<Sample>> {
  const stats = statsOf(opened);
  const all = instructionsOf(stats);
  const time = timesOf(stats);
  // The native-first tier counts nothing.
  if (all.total === 0) return { time };
  const out: Partial<Sample> = {
    instructions: all.total - before.total,
    lastCoverage: (all.fragments - before.fragments) / (all.total - before.total),
    coverage: all.fragments / all.total,
    time,
  };
  // A program of several modules has its largest one counted.
  const [most] = [...stats].sort((a, b) => b.instructions.total - a.instructions.total);
  if (job.measure === 'count' && most) out.counts = (await import('./counts.ts')).countsOf(most);
  return out;
}

/** Milliseconds by component, of all machines. */
function timesOf(stats: readonly Stats[]): Record<string, number> {
  const time: Record<string, number> = {};
  for (const s of stats) for (const [k, v] of Object.entries(s.time_ms)) time[k] = round((time[k] ?? 0) + v);
  return time;
}

async function observe(result: string, bytes: Uint8Array): Promise<Outcome> {
  return { result, output: bytes.length === 0 ? '-' : await short(bytes) };
}

async function memoryDigest(memory: WebAssembly.Memory | undefined): Promise<string | null> {
  return memory ? short(new Uint8Array(memory.buffer)) : null;
}

async function short(bytes: Uint8Array): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** Does the job; of a first run only the profile comes back, in its file. */
async function perform(job: ChildJob): Promise<Sample | Record<string, never>> {
  if (job.profileTo === undefined) return sample(job);
  await (await import('./first-run.ts')).writeExactProfile(job, job.profileTo);
  return {};
}

/** Prints a line for the job. */
async function answer(job: ChildJob): Promise<void> {
  try {
    console.log(JSON.stringify(await perform(job)));
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    process.exitCode = 1;
  }
}

export async function answerAll(told: ChildJob | readonly ChildJob[]): Promise<void> {
  for (const job of 'length' in told ? told : [told]) await answer(job);
}
