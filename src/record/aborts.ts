/** Why a recording or the making of a fragment is given up. Every give-up has one of these names. */
export const ABORT_REASONS = {
  'interpreter-only': 'it begins with an instruction that only the interpreter executes',
  'left-activation': 'control returned to the host right away',
  'no-code': 'an address without code was recorded',
  'foreign-callee': 'an indirect call left the guest',
  'not-structured': 'control flow of the region is not reducible',
  'too-large': 'the fragment is larger than the cache',
  full: 'the fragment cache is full, and its policy keeps what is there',
  'too-deep': 'the trace returns through more frames than can be addressed',
  'no-loop': 'a recording for a tree of loop paths did not come back to its root',
  stale: 'the recording was cut off by a trap or an exception',
  empty: 'no instruction was recorded',
  bound: 'as many fragments exist as --max-fragments allows',
  flushed: 'the cache was flushed meanwhile',
} as const;
export type AbortReason = keyof typeof ABORT_REASONS;
