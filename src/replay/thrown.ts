/** What a call threw, in the form of the recording. */
import { encode, type Outcome } from './events.ts';
import type { Shared } from './state.ts';

/** Types of what an exception of that tag carries. */
export function payloadOf({ module }: Shared, tag: number) {
  const type = module.types[module.tags[tag]!.type];
  return type?.kind === 'func' ? type.params : [];
}

export function thrownOutcome(shared: Shared, error: unknown): Outcome {
  if (error instanceof WebAssembly.Exception) {
    for (const [index, tag] of shared.tags) {
      if (!error.is(tag)) continue;
      return { exception: [index, payloadOf(shared, index).map((type, i) => encode(type, error.getArg(tag, i)))] };
    }
    return { error: ['Exception', 'of a tag that the host cannot name'] };
  }
  if (error instanceof Error) return { error: [error.name, error.message] };
  const plain = typeof error === 'string' || typeof error === 'number' || typeof error === 'boolean';
  return { thrown: plain ? error : null };
}
