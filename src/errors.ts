/**
 * Errors that are somebody's mistake outside this code. A {@link UserError} is shown as its one sentence, without a stack
 * trace; everything else that is thrown is a bug or belongs to the guest.
 */

/** A mistake of the user: a wrong option, a missing file, a file that is no module. The message is one clear sentence. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** The name among `names` that `wrong` most likely stands for, or undefined when none is near. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(wrong.length / 2));
  let best: string | undefined;
  let least = limit + 1;
  for (const name of names) {
    const d = distance(wrong.toLowerCase(), name.toLowerCase());
    if (d < least) [best, least] = [name, d];
  }
  return best;
}

/** Sentence for a name that is not in a list: `there is no pass 'cs'; did you mean 'cse'?`. */
export function unknownName(kind: string, wrong: string, names: readonly string[]): string {
  const near = nearest(wrong, names);
  return near === undefined
    ? `there is no ${kind} '${wrong}'; there are ${names.join(', ')}`
    : `there is no ${kind} '${wrong}'; did you mean '${near}'?`;
}
