/**
 * Cache policies: what is given up when the fragment cache is full, or before. One file a policy in `policies/`, one line
 * in the catalogue. A policy makes a keeper for each machine, which is asked before each fragment that comes in.
 *
 * Fragments that are given up run on where they are on the host's stack; nothing enters them any more. So every policy is
 * exact, and all decide by counts: a run can be repeated.
 */
import type { NamedPolicy, Params } from '../policy-text.ts';
import type { Fragment } from './fragment.ts';

/** What a keeper sees of the cache. */
export interface CacheView {
  /** Bytes of Wasm that the cache may hold, and holds. */
  readonly budget: number;
  readonly bytes: number;
  /** Fragments in the cache, the oldest first. */
  fragments(): readonly Fragment[];
  /** Entries into the fragment and iterations of its loop, since it was made. */
  uses(fragment: Fragment): number;
  /** Guest instructions of the run so far. It takes time for each fragment ever made. */
  instructions(): number;
}

/**
 * `room`: nothing is given up. `flush`: everything. `refuse`: the new fragment. An order: fragments go, each with the
 * side traces behind its exits, from the first on until the cache holds at most `until` bytes.
 */
export type Decision = 'room' | 'flush' | 'refuse' | { readonly order: readonly Fragment[]; readonly until: number };

export interface Keeper {
  /** A fragment of so many bytes, at most the budget, is about to be installed. */
  before(bytes: number): Decision;
}

export interface CachePolicy extends NamedPolicy {
  /** False where the budget does not matter. */
  readonly bounded: boolean;
  create(cache: CacheView, params: Params): Keeper;
}

/** True where the budget has no room for so many bytes more. */
export const isFull = (cache: CacheView, bytes: number): boolean => cache.bytes + bytes > cache.budget;
