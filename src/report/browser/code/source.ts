/** Runs in the page (embedded as text): the guest's source as lines of a pane. */
import type { SourceExcerpt } from '../../../profile/schema.ts';
import type { MarkedLine } from './compare.ts';

/** Self-contained. */
export function sourceLines(list: readonly SourceExcerpt[]): MarkedLine[] {
  const out: MarkedLine[] = [];
  for (const { file, lines } of list) {
    out.push({ text: `;; ${file}`, mark: '' });
    const width = String(lines.at(-1)?.line ?? 0).length;
    const indent = Math.min(...lines.map((l) => (l.text?.trim() ? l.text.search(/\S/) : 99)));
    let last = lines[0]?.line ?? 0;
    for (const { line, text, at } of lines) {
      if (line > last + 1) out.push({ text: `${' '.repeat(width)}  ⋯`, mark: '' });
      last = line;
      out.push({ text: `${String(line).padStart(width)}  ${(text ?? '').slice(indent)}`, mark: '', at });
    }
  }
  return out;
}
