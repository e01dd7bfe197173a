/**
 * The shipped guests: one row a program. Each exports `run(n: i32)`, which does all of its work in that one call and
 * gives a checked result. `small` takes about a millisecond natively at -O3, `medium` 50 to 100 ms, `large` a second.
 *
 *     const row = guest('crc32');
 *     const bytes = readFileSync(wasmPath(row, 'O3'));
 *     String(instance.exports.run(row.sizes.small)) === row.expected.small
 */

import { fileURLToPath } from 'node:url';

export const SIZES = ['small', 'medium', 'large'] as const;
export type Size = (typeof SIZES)[number];

/** `O0` and `O3` are two builds of one AssemblyScript source, `wat` is hand-written. */
export type Build = 'O0' | 'O3' | 'wat';

/** `inner-loop`: one small loop is nearly all of the time. `nest`: loops in loops over arrays. */
export type Tag = 'inner-loop' | 'nest' | 'calls' | 'indirect' | 'interp' | 'fp' | 'int' | 'i64' | 'memory' | 'alloc' | 'host';

/** What the guest imports: nothing, or the functions that `imports.ts` makes under that name. */
export type ImportSet = 'none' | 'host';

export interface Guest {
  name: string;
  doc: string;
  tags: readonly Tag[];
  /** File under `src/`. */
  source: string;
  builds: readonly Build[];
  /** AssemblyScript's memory manager: `stub` never frees, `incremental` collects garbage. */
  runtime: 'stub' | 'incremental' | 'none';
  imports: ImportSet;
  /** Argument of `run`. */
  sizes: Record<Size, number>;
  /** `String(run(n))`, the same for every build. */
  expected: Record<Size, string>;
}

const BOTH = ['O0', 'O3'] as const;

/** Row of an AssemblyScript guest; the source has the guest's name. */
function as(
  name: string,
  tags: readonly Tag[],
  doc: string,
  sizes: readonly [number, number, number],
  expected: readonly [string, string, string],
  runtime: 'stub' | 'incremental' = 'stub',
): Guest {
  return {
    name, doc, tags, source: `${name}.ts`, builds: BOTH, runtime, imports: 'none',
    sizes: { small: sizes[0], medium: sizes[1], large: sizes[2] },
    expected: { small: expected[0], medium: expected[1], large: expected[2] },
  };
}

export const GUESTS: readonly Guest[] = [
  as('crc32', ['inner-loop', 'int'], 'CRC-32 by table over 64 KiB, n passes', [8, 400, 6000], ['721732249', '1947715653', '1474118968']),
  as('sha256', ['inner-loop', 'int'], 'SHA-256 of n times 16 KiB', [10, 800, 12000], ['-1274961056', '387625736', '-826952583']),
  as('sieve', ['inner-loop', 'memory'], 'primes below n * 1000, a byte each', [200, 8000, 60000], ['51214656', '2048509313', '-1817139837']),
  as('mandelbrot', ['inner-loop', 'fp'], 'mandelbrot set on an n by n grid', [60, 700, 2800], ['157550', '21523797', '344450745']),
  as('nbody', ['inner-loop', 'fp'], 'five bodies, n * 100 steps', [100, 6000, 120000], ['-0.1690164412644477', '-0.16909732952332443', '-0.16900457820566875']),
  as('matmul', ['nest', 'fp'], 'product of two n by n matrices of f64', [100, 400, 1000], ['2468.7208091074226', '40141.913223131836', '249962.76122274413']),
  as('fib', ['calls'], 'Fibonacci by double recursion', [24, 34, 41], ['46368', '5702887', '165580141']),
  as('quicksort', ['calls', 'memory'], 'quicksort of n * 1000 words', [20, 1000, 12000], ['-1870021391', '1828466659', '562126064']),
];

/** Row by name; an unknown name is an error that lists the known ones. */
export function guest(name: string): Guest {
  const row = GUESTS.find((g) => g.name === name);
  if (!row) throw new Error(`no guest '${name}'; there are ${GUESTS.map((g) => g.name).join(', ')}`);
  return row;
}

/** Absolute path of a built guest. */
export function wasmPath(row: Guest, build: Build): string {
  return fileURLToPath(new URL(`wasm/${row.name}.${build}.wasm`, import.meta.url));
}
