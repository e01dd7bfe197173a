/**
 * A look at the pace of a core: what a fixed piece of work takes just now. Processors are shared; neighbours that nobody
 * here sees take half of a core for a quarter of a second to some seconds, and no counter of the system tells.
 */

/** Slower than the machine's usual best by this share is too slow. */
export const SLOW = 1.15;

/** Cells that the work goes through: 16 KiB, so that a look leaves the guest half of the first cache. */
export const CELLS = 1 << 12;

/**
 * Work that a core does several instructions at a time of: neighbours on the same core take units from it, which a chain of
 * additions that wait for each other hardly feels.
 */
const STEP = `
  a = (a + (b ^ i)) | 0;
  c = (Math.imul(c, 5) + i) | 0;
  d = (d + cells[i & last]) | 0;
  e = (e ^ (i << 3)) | 0;
  b = (b + (i >>> 1)) | 0;
  cells[(i * 7) & last] = d;
  i++;`;

/**
 * So many of them in a row are more than V8 inlines into a caller, where it makes code of them that takes a fifth longer:
 * in one process sooner, in another later, or never.
 */
const ROW = 8;
const ROUNDS = 60_000 / ROW;

const work = new Function(
  'cells',
  'rounds',
  `const last = cells.length - 1;
  let a = 1, b = 2, c = 3, d = 4, e = 5, i = 0;
  for (let round = 0; round < rounds; round++) {${STEP.repeat(ROW)}
  }
  return a + b + c + d + e;`,
) as (cells: Int32Array, rounds: number) => number;

/** Milliseconds of the shortest of three times, so that an interruption is not seen. */
export function look(cells: Int32Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    work(cells, ROUNDS);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Short calls of the work, and looks, until the host has compiled it. */
const SHORT = 100;
const WARM = 20;

/** Has the host compile the work. Code that it makes within a first call would be left at its end each time. */
export function warm(cells: Int32Array): void {
  for (let i = 0; i < SHORT; i++) work(cells, 1);
  for (let i = 0; i < WARM; i++) look(cells);
}

/** Milliseconds of calls between two looks. */
const GAP = 5;

/** Looks between the calls of a process, on the core that it runs on. */
export class Looks {
  /** Of each call so far, the slower of the looks around it over `usual`. */
  readonly paces: number[] = [];
  /** Calls in quiet moments, and what they took. */
  readonly quiet = { calls: 0, ms: 0 };
  private readonly cells = new Int32Array(CELLS);
  private readonly usual: number;
  private last: number;
  private calls = 0;
  private time = 0;

  /** `usual`: milliseconds of a look at the machine's usual best. */
  constructor(usual: number) {
    this.usual = usual;
    warm(this.cells);
    this.last = look(this.cells) / usual;
  }

  /** A call has ended that took so many milliseconds. */
  called(ms: number): void {
    this.calls++;
    this.time += ms;
    if (this.time >= GAP) this.end();
  }

  /** Looks, for the calls since the last time. */
  end(): void {
    const pace = look(this.cells) / this.usual;
    const around = Math.round(Math.max(this.last, pace) * 100) / 100;
    if (around <= SLOW) {
      this.quiet.calls += this.calls;
      this.quiet.ms += this.time;
    }
    for (; this.calls > 0; this.calls--) this.paces.push(around);
    this.last = pace;
    this.time = 0;
  }
}

/** Fewer quiet calls than these say less about a steady state than all calls do. */
const FEWEST = 6;

/**
 * The calls that were made while the machine was at its usual best, and the first, which is looked at for itself; all where
 * these are too few or nobody looked.
 */
export function quietCalls({ calls, paces }: { calls: readonly number[]; paces?: readonly number[] }): number[] {
  if (!paces) return [...calls];
  const quiet = calls.filter((_, i) => i === 0 || paces[i]! <= SLOW);
  return quiet.length >= FEWEST ? quiet : [...calls];
}
