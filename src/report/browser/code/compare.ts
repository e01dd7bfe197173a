/** Runs in the page (embedded as text): what one text has that another has not, line by line. */

export interface MarkedLine {
  text: string;
  /** `+` only in the second text, `-` only in the first. */
  mark: '' | '+' | '-';
  /** Places of the line in the module, where its text does not name them. */
  at?: readonly number[];
}

/**
 * The lines of `after`, with those of `before` that are gone, by a longest common subsequence. Very large differences
 * come without marks. Self-contained.
 */
export function compareLines(before: string[], after: string[]): MarkedLine[] {
  const MOST_CELLS = 4_000_000;
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  const most = Math.min(before.length, after.length) - start;
  let end = 0;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  const same = (list: string[]): MarkedLine[] => list.map((text) => ({ text, mark: '' }));
  if (a.length * b.length > MOST_CELLS) return same(after);
  const w = b.length + 1;
  /** best[i * w + k]: length of the longest common subsequence of a from i on and b from k on. */
  const best = new Uint16Array((a.length + 1) * w);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let k = b.length - 1; k >= 0; k--) {
      const skip = Math.max(best[(i + 1) * w + k]!, best[i * w + k + 1]!);
      best[i * w + k] = a[i] === b[k] ? best[(i + 1) * w + k + 1]! + 1 : skip;
    }
  }
  const out = same(after.slice(0, start));
  let i = 0;
  let k = 0;
  while (i < a.length || k < b.length) {
    const both = i < a.length && k < b.length;
    if (both && a[i] === b[k]) {
      out.push({ text: a[i++]!, mark: '' });
      k++;
    } else if (k === b.length || (both && best[(i + 1) * w + k]! >= best[i * w + k + 1]!)) {
      out.push({ text: a[i++]!, mark: '-' });
    } else out.push({ text: b[k++]!, mark: '+' });
  }
  return [...out, ...same(after.slice(after.length - end))];
}
