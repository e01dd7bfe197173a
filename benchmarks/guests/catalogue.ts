/**
 * The shipped guests: one row a program. Each exports `run(n: i32)`, which does all of its work in that one call and
 * gives a checked result. `small` takes about a millisecond natively at -O3 (C: -O2), `medium` 50 to 100 ms, `large` a second.
 *
 *     const row = guest('crc32');
 *     const bytes = readFileSync(wasmPath(row, 'O3'));
 *     String(instance.exports.run(row.sizes.small)) === row.expected.small
 */

import { fileURLToPath } from 'node:url';

export const SIZES = ['small', 'medium', 'large'] as const;
export type Size = (typeof SIZES)[number];

/** `O0` and `O3` are two builds of one AssemblyScript source, `O0` and `O2` of one in C; `wat` is hand-written. LLVM's
 *  `O0` keeps every variable in the stack that a C program has in its memory, AssemblyScript's keeps them in locals. */
export type Build = 'O0' | 'O2' | 'O3' | 'wat';

/** `inner-loop`: one small loop is nearly all of the time. `nest`: loops in loops over arrays. `vector`: loops that
 *  do the same to each element of arrays. */
export type Tag = 'inner-loop' | 'nest' | 'calls' | 'indirect' | 'interp' | 'fp' | 'int' | 'i64' | 'memory' | 'alloc' | 'host' | 'vector';

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

/** Row of a hand-written guest. */
function wat(
  name: string,
  tags: readonly Tag[],
  doc: string,
  sizes: readonly [number, number, number],
  expected: readonly [string, string, string],
  imports: ImportSet = 'none',
): Guest {
  return { ...as(name, tags, doc, sizes, expected), source: `${name}.wat`, builds: ['wat'], runtime: 'none', imports };
}

/** Row of a guest in C; its name starts with `c-`, as there is often one of the kind in AssemblyScript too. */
function c(
  name: string,
  tags: readonly Tag[],
  doc: string,
  sizes: readonly [number, number, number],
  expected: readonly [string, string, string],
): Guest {
  return { ...as(name, tags, doc, sizes, expected), source: `${name}.c`, builds: ['O0', 'O2'], runtime: 'none' };
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
  as('heapsort', ['nest', 'memory', 'fp'], 'heapsort of n * 1000 f64 keys', [15, 400, 1800], ['75083385.64671989', '53303633651.01258', '1079861819496.4673']),
  as('spectralnorm', ['nest', 'fp'], 'spectral norm of an n by n matrix, ten steps', [80, 1000, 4000], ['1.2742162298990216', '1.2742241481294836', '1.2742241527467109']),
  as('jacobi', ['nest', 'fp'], 'n sweeps of a five-point stencil on a 128 by 128 plate', [20, 2000, 25000], ['57595.18634276779', '394832.88609418116', '614260.8130469314']),
  as('lu', ['nest', 'fp'], 'LU decomposition with pivoting of an n by n matrix', [80, 600, 1400], ['35.921315375101706', '871.8281420751678', '2632.2260053588707']),
  as('chase', ['memory'], 'n laps around a ring of 32768 linked nodes in random order', [3, 300, 3000], ['-123295938', '-1474735048', '712854064']),
  as('lz', ['memory'], 'LZ77 compression and decompression of n times 64 KiB', [1, 100, 1300], ['37995', '582152307', '-1824938059']),
  as('search', ['nest', 'memory'], 'n patterns in 256 KiB, naive and Boyer-Moore-Horspool', [1, 40, 500], ['1007', '322578931', '-1808539344']),
  as('hashtable', ['memory', 'int'], 'n * 1000 operations on an open-addressing hash table', [50, 4000, 60000], ['1334338489', '592724260', '-1646289196']),
  as('queens', ['calls'], 'queens on boards up to n, by recursion', [9, 13, 15], ['62099', '149299695', '-1269419869']),
  as('bytecode', ['interp'], 'a register machine running n rounds of its own program', [3, 250, 3500], ['-205086046', '1831380340', '-796010152']),
  as('indirect', ['indirect', 'calls'], 'function table, monomorphic and virtual calls, n rounds of 2064', [40, 4000, 60000], ['-726054823', '-337860291', '-163539309']),
  as('strings', ['alloc', 'memory'], 'n rounds of building, splitting and counting words', [8, 800, 14000], ['-1180176553', '1469595873', '1938778281'], 'incremental'),
  as('trees', ['alloc', 'calls'], 'binary trees up to depth n under the garbage collector', [8, 14, 18], ['2140', '791900', '8475996'], 'incremental'),
  as('fft', ['nest', 'fp'], 'n transforms of 1024 points, forward and back', [20, 2500, 40000], ['263981.04209573776', '263981.04209573905', '263981.04209574807']),
  as('editdistance', ['nest', 'int'], 'edit distance of n pairs of 1000-letter words', [1, 40, 500], ['444', '-121124672', '-1803571686']),
  as('primes64', ['i64', 'int'], 'Miller-Rabin near 2^40 for n numbers, xorshift* stream', [100, 8000, 130000], ['-2113893023764732897', '-3179586711147089673', '-3380459342876105437']),
  as('base64', ['nest', 'memory'], 'base64 of 48 KiB, n rounds both ways', [10, 500, 8000], ['812985512', '1232450067', '-1057746127']),
  as('triad', ['inner-loop', 'fp', 'vector'], 'vector triad and axpy over 4096 f64, n rounds', [40, 4000, 60000], ['-1556.0064757446855', '-1556.0064757545479', '-1556.0064757545479']),
  as('smooth', ['inner-loop', 'fp', 'vector'], 'three-point smoothing of 4096 f32, n rounds', [40, 4000, 50000], ['2036.0943603515625', '2018.0994873046875', '1968.96630859375']),
  as('blend', ['inner-loop', 'int', 'vector'], 'weighted sums of two pictures of bytes, n rounds', [15, 1200, 16000], ['-1633370946', '-1633370946', '-1633370946']),
  as('brighten', ['inner-loop', 'int', 'vector'], 'saturating addition and extremes over 16384 bytes, n rounds', [10, 1000, 9000], ['-1993533510', '-70321226', '-1231142434']),
  as('sad', ['inner-loop', 'int', 'vector'], 'sums of absolute differences of 4096 bytes, n * 16 places', [8, 500, 6000], ['45375252', '-1478179129', '-561946205']),
  as('dot', ['inner-loop', 'int', 'vector'], 'inner products of 1024 integers of 16 and 32 bits, n rounds of 15', [15, 1000, 16000], ['1092542530', '-1211133184', '1178677248']),
  c('c-matmul', ['nest', 'fp'], 'product of two n by n matrices of whole numbers in doubles', [70, 450, 1000], ['56480144', '15406428433', '168527143406']),
  c('c-life', ['nest', 'int'], 'n generations of the game of life on a torus', [20, 3000, 50000], ['1933157672', '-663521236', '-1041763412']),
  c('c-md5', ['inner-loop', 'int'], 'MD5 of n times 16 KiB', [20, 1500, 22000], ['1335692068', '-163840734', '122072408']),
  c('c-qsort', ['calls', 'indirect', 'memory'], 'quicksort of n * 1000 records by functions that compare', [3, 200, 2500], ['-1487292556', '-263035958', '-1024197046']),
  c('c-lcs', ['nest', 'int'], 'longest common subsequences of n pairs of 600-letter words', [5, 250, 4000], ['26700415', '1720817398', '1659504177']),
  c('c-words', ['memory', 'calls'], 'n texts split into words, counted in a hash table with chains', [5, 400, 6000], ['992846513', '1452746021', '731316920']),
  wat('collatz', ['i64', 'nest'], 'longest Collatz sequence below n * 1000', [5, 300, 4000], ['3711237', '230631442', '3732423596']),
  wat('bulk', ['memory'], 'n rounds of bulk memory and table instructions', [100, 15000, 240000], ['-2044839663', '1517100619', '1254962106']),
  wat('multivalue', ['i64', 'calls'], 'extended Euclid over n * 1000 pairs, loops with parameters', [10, 700, 9000], ['-691566533523011147', '5484802808733196923', '5096908061763972570']),
  wat('callbacks', ['host'], 'n * 100 host calls, one in eight of them calls back in', [5, 10000, 200000], ['-9814634.5', '649214631553.5', '-75521489724724.5'], 'host'),
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
