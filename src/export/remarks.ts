/**
 * LLVM optimization remarks in YAML (https://llvm.org/docs/Remarks.html), for opt-viewer and remark tools: what became of
 * hot code. A compiled trace is passed, a recording that was given up is missed, what passes removed is analysis.
 */
import { assumedText } from '../profile/assumed.ts';
import type { InSource, Stats } from '../profile/schema.ts';
import type { StatsExporter } from './exporter.ts';

type Arg = readonly [key: string, value: string | number];

/** A string in single quotes, in which only the quote itself is special. */
const quoted = (s: string) => `'${s.replaceAll("'", "''").replaceAll('\n', ' ')}'`;

function remark(kind: string, pass: string, name: string, at: Place, file: string, args: readonly Arg[]): string {
  // Without a source, columns are byte offsets in the module.
  const place = at.line
    ? `File: ${quoted(at.file ?? '?')}, Line: ${at.line}, Column: 0`
    : `File: ${quoted(file)}, Line: 1, Column: ${at.offset}`;
  return [
    `--- !${kind}`,
    `Pass:            ${pass}`,
    `Name:            ${name}`,
    `DebugLoc:        { ${place} }`,
    `Function:        ${quoted(at.name)}`,
    ...(at.hotness === undefined ? [] : [`Hotness:         ${at.hotness}`]),
    'Args:',
    ...args.map(([key, value]) => `  - ${key}: ${quoted(String(value))}`),
    '...',
  ].join('\n');
}

interface Place extends InSource {
  readonly name: string;
  readonly offset: number;
  readonly hotness?: number;
}

export const exporter: StatsExporter = {
  name: 'remarks',
  doc: 'LLVM optimization remarks (YAML): traces that were compiled, recordings given up, exits, passes',
  extension: 'opt.yaml',
  from: 'stats',
  write(stats: Stats, { path }) {
    const list: string[] = [];
    for (const f of stats.fragments) {
      const at = { ...f, hotness: f.instructions };
      list.push(
        remark('Passed', 'trace', 'Compiled', at, path, [
          ['String', `T${f.id} (${f.kind}) from `],
          ['Recorded', f.recorded],
          ['String', ' recorded steps: '],
          ['IRBefore', f.irBefore],
          ['String', ' IR instructions became '],
          ['IRAfter', f.irAfter],
          ['String', ', in '],
          ['Bytes', f.bytes],
          ['String', ' bytes'],
        ]),
      );
      for (const a of f.assumed ?? []) {
        list.push(
          remark('Passed', 'specialize', 'Assumed', at, path, [
            ['String', `T${f.id} is for `],
            ['Value', assumedText(a)],
          ]),
        );
      }
      for (const e of f.exits) {
        if (e.count === 0) continue;
        const exit = { ...e, hotness: e.count };
        list.push(
          remark('Analysis', 'trace', 'Exit', exit, path, [
            ['String', `T${f.id} was left here because of `],
            ['Reason', e.reason],
            ['String', e.link === null ? ' to the interpreter' : ` to T${e.link}`],
          ]),
        );
      }
    }
    for (const a of stats.aborts) {
      const at = { ...a, hotness: a.count };
      list.push(
        remark('Missed', 'trace', 'GivenUp', at, path, [
          ['String', 'recording was given up: '],
          ['Reason', a.reason],
          ['String', a.blacklisted ? '; it is not tried again' : ''],
        ]),
      );
    }
    for (const p of stats.passes) {
      const at = { name: '(module)', offset: 0 };
      list.push(
        remark('Analysis', p.name, 'Pass', at, path, [
          ['String', 'removed '],
          ['Removed', p.removed],
          ['String', ' IR instructions and added '],
          ['Added', p.added],
        ]),
      );
    }
    return { '': `${list.join('\n')}\n` };
  },
};
