/** The shipped guests as a suite, each build a workload: `crc32.O3`, `collatz.wat`. */
import { fileURLToPath } from 'node:url';
import type { Workload } from '../../src/lab/workload.ts';
import { GUESTS, wasmPath } from '../guests/catalogue.ts';

const imports = fileURLToPath(new URL('../guests/imports.ts', import.meta.url));

export const workloads: readonly Workload[] = GUESTS.flatMap((row) =>
  row.builds.map((build) => {
    const module = wasmPath(row, build);
    const host = row.imports === 'none' ? {} : { imports: { script: imports, args: { imports: row.imports } } };
    return {
      id: `${row.name}.${build}`,
      suite: 'guests',
      tags: [...row.tags, build],
      program: { kind: 'export' as const, module, name: 'run', ...host },
      files: [module],
      sizes: row.sizes,
      expected: row.expected,
    };
  }),
);
