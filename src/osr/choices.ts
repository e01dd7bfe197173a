/**
 * Whether the branches of an innermost loop only choose between values: the machine makes selects of those (pass
 * `selects`), where the host leaves them to be predicted.
 *
 *     loop
 *       if (b & 1)                     ;; chooses r
 *         r = r + a
 *       b = b >> 1
 *       br_if (b != 0)
 */
import type { Step } from './strides.ts';

/** Branches of such a loop besides, also back to the head and out, and instructions that compute what a choice is of. */
const [MOST_BRANCHES, MOST_COMPUTED] = [3, 4];

/** What a way may do besides: read and write locals. */
const LOCALS: ReadonlySet<string> = new Set(['local.get', 'local.set', 'local.tee', 'i32.const', 'i64.const', 'else']);
const INTEGER = /^i(?:32|64)\./;

/** Where the `if` before `at` ends, if it only chooses, be it by others inside; -1 if it does more. */
function endOfChoice(body: readonly Step[], at: number): number {
  let computed = 0;
  let depth = 1;
  for (let i = at; i < body.length; i++) {
    const { name, effect } = body[i] as Step;
    if (name === 'end' && --depth === 0) return i;
    if (name === 'end' || LOCALS.has(name)) continue;
    if (name === 'if') depth++;
    else if (effect !== 'pure' || !INTEGER.test(name) || ++computed > MOST_COMPUTED) return -1;
  }
  return -1;
}

/** True for the body of an innermost loop that goes one way but for choices, of which it makes some. */
export function onlyChooses(body: readonly Step[]): boolean {
  let branches = 0;
  let choices = 0;
  for (let i = 0; i < body.length; i++) {
    const { name, effect } = body[i] as Step;
    if (name === 'call' || effect === 'store') return false;
    if (name === 'br_if' || name === 'br' || name === 'br_table') branches++;
    if (name !== 'if') continue;
    const end = endOfChoice(body, i + 1);
    if (end < 0) branches++;
    else {
      choices++;
      i = end;
    }
  }
  return choices > 0 && branches <= MOST_BRANCHES;
}
