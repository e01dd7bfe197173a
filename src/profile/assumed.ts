/** What a fragment assumes of a local, as text for people: `$mode = 1`, or `local 2 = 1` where it has no name. */
import type { AssumedLocal } from './schema.ts';

export function assumedText({ local, name, value }: AssumedLocal): string {
  return `${name === undefined ? `local ${local}` : `$${name}`} = ${value}`;
}
