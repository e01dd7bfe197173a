/**
 * What the guests import, made anew for each instance. The host functions are deterministic and keep a digest of every
 * call they see, so that two runs can be compared call by call.
 */

import type { Guest } from './catalogue.ts';

export interface HostSide {
  imports: WebAssembly.Imports;
  /** Gives the host functions the instance's exports; before `run`. */
  attach(exports: WebAssembly.Exports): void;
  /** Host calls so far, and a digest of their names, arguments and order. */
  calls(): { count: number; digest: number };
}

/** The imports of a guest that has none: an empty object. */
export function makeImports(row: Pick<Guest, 'imports'>): HostSide {
  if (row.imports === 'none') return { imports: {}, attach() {}, calls: () => ({ count: 0, digest: 0 }) };
  let inner: ((k: number) => number) | undefined;
  let count = 0;
  let digest = 0;
  const note = (tag: number, ...args: number[]) => {
    count++;
    for (const x of [tag, ...args]) digest = (Math.imul(digest, 31) + (x | 0)) | 0;
  };
  const env = {
    host(x: number): number {
      note(1, x);
      return (Math.imul(x, 1103515245) + 12345) >> 16;
    },
    reenter(k: number, x: number): number {
      note(2, k, x);
      return inner!(k & 15) + x / 2;
    },
  };
  return {
    imports: { env },
    attach(exports) {
      inner = exports.inner as typeof inner;
    },
    calls: () => ({ count, digest }),
  };
}
