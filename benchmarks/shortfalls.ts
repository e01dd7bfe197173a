/**
 * Programs that fall short one by one, where the goals speak of means or of the worst: each with what was measured, why
 * that is so, and what shows it. A limit is a row of `LIMITS`, a reason a row of `reasons.ts`. A speed is below a limit
 * where its whole 95 % interval is: of eighty programs that are as fast as the host, noise puts some below any limit.
 */
import { matchesGlob } from 'node:path';
import { interval, percent, speed, type What } from '../src/lab/render/figures.ts';
import { line } from '../src/lab/render/markdown.ts';
import type { Row } from '../src/lab/summary.ts';
import { compilerTimes, LONG_RUN, longer, tagged } from './goals.ts';
import { type LimitName, REASONS } from './reasons.ts';

/** What a program has to reach for itself. */
interface Limit {
  readonly name: LimitName;
  readonly text: string;
  /** Programs below, with what was measured. */
  below(rows: readonly Row[]): { id: string; measured: string }[];
}

function slower(rows: readonly Row[], config: string, baseline: string, what: What, limit: number) {
  return rows.flatMap((row) => {
    const x = speed(row, config, baseline, what);
    return x && x.high < limit ? [{ id: row.id, measured: interval(x) }] : [];
  });
}

function dearer(rows: readonly Row[], config: string, limit: number) {
  return compilerTimes(rows, config)
    .filter(({ part, total }) => part / total > limit)
    .map(({ id, part, total }) => ({ id, measured: percent(part / total) }));
}

const LIMITS: readonly Limit[] = [
  {
    name: 'steady',
    text: 'steady state: below 0.95 of the host at its best',
    below: (rows) => slower(rows, 'trace', 'host', 'steady', 0.95),
  },
  {
    name: 'whole',
    text: 'whole process of 0.5 s or more: below 0.90 of default Node',
    below: (rows) => slower(longer(rows, 500), 'trace', 'default', 'whole', 0.9),
  },
  {
    name: 'counted',
    text: 'inner loops, everything counted: below 0.90 of TurboFan only',
    below: (rows) => slower(tagged(rows, 'inner-loop'), 'counted', 'turbofan', 'steady', 0.9),
  },
  {
    name: 'compile',
    text: 'recording, optimizing and compiling: over 3 %, where default Node takes 2 s or more',
    below: (rows) => dearer(longer(rows, LONG_RUN), 'trace', 0.03),
  },
  {
    name: 'compile-counted',
    text: 'the same with everything counted',
    below: (rows) => dearer(longer(rows, LONG_RUN), 'counted', 0.03),
  },
];

/** The first reason that is given for a program, as `why` and `see`. */
function reasonFor(limit: LimitName, id: string) {
  return REASONS.find((r) => r.limits.includes(limit) && r.programs.some((pattern) => matchesGlob(id, pattern)));
}

/** Programs below a limit, a table; nothing where there are none. */
export function shortfallTable(rows: readonly Row[]): string[] {
  const lines = LIMITS.flatMap(({ name, text, below }) =>
    below(rows).map(({ id, measured }) => {
      const reason = reasonFor(name, id);
      return line([`\`${id}\``, text, measured, reason?.why ?? 'not explained yet', reason ? `\`${reason.see}\`` : '']);
    }),
  );
  return lines.length
    ? [
        '## Programs that fall short',
        '',
        'Speeds fall short where their whole interval is below the limit.',
        '',
        line(['program', 'of', 'measured', 'why', 'what shows it']),
        line(['---', '---', '---:', '---', '---']),
        ...lines,
        '',
      ]
    : [];
}
