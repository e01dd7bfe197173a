/** What can be measured: programs as data, so that a measured process needs no catalogue to run one. */

export const SIZES = ['small', 'medium', 'large'] as const;
export type Size = (typeof SIZES)[number];

export type Program =
  /** A module whose export is called with one number. `imports`: a script whose `makeImports(args)` gives them. */
  | { kind: 'export'; module: string; name: string; imports?: { script: string; args: unknown } }
  /** A WASI command: one call of `_start` is the whole program. */
  | { kind: 'wasi'; module: string; args: readonly string[]; dirs: readonly string[] }
  /** A script whose `open(instantiate)` gives a function from a scale to a text. */
  | { kind: 'app'; script: string };

export interface Workload {
  /** Unique in a run: `crc32.O3`, `polybench/lu`. */
  id: string;
  suite: string;
  tags: readonly string[];
  program: Program;
  /** Files that the result depends on. */
  files: readonly string[];
  /** Arguments by size; WASI programs have one size. */
  sizes: Readonly<Record<Size, number>> | null;
  /** Results by size where they are known; elsewhere configurations are compared with each other. */
  expected: Readonly<Record<Size, string>> | null;
}
