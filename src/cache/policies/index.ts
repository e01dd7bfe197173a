/** Catalogue of cache policies: one file and one line each. The first is the default. */
import { readPolicy } from '../../policy-text.ts';
import type { CachePolicy } from '../policy.ts';
import { cull } from './cull.ts';
import { fifo } from './fifo.ts';
import { flush } from './flush.ts';
import { lru } from './lru.ts';
import { phase } from './phase.ts';
import { pinned } from './pinned.ts';
import { unbounded } from './unbounded.ts';

export const CACHE_POLICIES: readonly CachePolicy[] = [flush, phase, fifo, lru, cull, pinned, unbounded];

/** The policy of an option's text, `NAME` or `NAME:parameter=number:...`, with all its parameters. */
export const cachePolicyOf = (text: string) => readPolicy(CACHE_POLICIES, 'cache policy', text);
