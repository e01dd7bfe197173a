/** The fragments by guest instructions, the curve of their cumulative share, and the table of all of them. */
import type { FragmentStats, Stats } from '../../profile/schema.ts';
import { coverSet, paretoCurve } from '../charts/exports.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { GridColumn, GridSpec, RunSection } from '../section.ts';

type Row = FragmentStats & { cumulative: number };

/** Share of all guest instructions (0..1) of the hottest 1, 2, 3, ... fragments. */
export function cumulativeShares(stats: Stats): number[] {
  let sum = 0;
  const counts = stats.fragments.map((f) => f.instructions).sort((a, b) => b - a);
  return counts.map((n) => (sum += n) / (stats.instructions.total || 1));
}

const table: GridSpec<Row> = {
  name: 'fragments',
  caption: 'Fragments',
  sorted: 'instructions',
  rows: (stats) => {
    let sum = 0;
    const total = stats.instructions.total || 1;
    const hottest = stats.fragments.toSorted((a, b) => b.instructions - a.instructions);
    return hottest.map((f) => ({ ...f, cumulative: (sum += f.instructions) / total }));
  },
  columns: (f, stats): GridColumn<Row>[] => {
    const share = (r: Row) => r.instructions / (stats.instructions.total || 1);
    const taken = (r: Row) => r.exits.reduce((n, e) => n + e.count, 0);
    const columns: GridColumn<Row>[] = [
      {
        key: 'id',
        label: true,
        head: 'trace',
        help: 'fragment; the link shows its code',
        value: (r) => r.id,
        text: (r) => f.trace(r.id),
        link: (r) => f.trace(r.id),
      },
      {
        key: 'where',
        head: 'location',
        help: 'function and byte offset in the module',
        value: (r) => f.loc(r.name, r.offset),
      },
      {
        key: 'source',
        minor: true,
        head: 'source',
        help: "file and line in the guest's source",
        value: (r) => (r.line ? `${r.file}:${r.line}` : ''),
      },
      {
        key: 'kind',
        head: 'kind',
        help: 'root: at a loop head; entry: at a function entry; side: at an exit',
        value: (r) => r.kind + (r.loops ? ' loop' : ''),
      },
      {
        key: 'instructions',
        head: 'instructions',
        help: 'guest instructions completed in it',
        value: (r) => r.instructions,
      },
      {
        key: 'share',
        head: 'share',
        help: 'of all guest instructions',
        value: share,
        text: (r) => f.pct(share(r)),
        bar: share,
      },
      {
        key: 'cumulative',
        head: 'cumul.',
        help: 'share of this and all hotter fragments',
        value: (r) => r.cumulative,
        text: (r) => f.pct(r.cumulative),
      },
      {
        key: 'time',
        head: 'time',
        help: 'share of sampled time',
        value: (r) => r.time ?? -1,
        text: (r) => (r.time === null ? '–' : f.pct(r.time)),
      },
      { key: 'entries', head: 'entries', help: 'times entered', value: (r) => r.entries },
      {
        key: 'iterations',
        minor: true,
        head: 'iterations',
        help: 'times its loop went round',
        value: (r) => r.iterations,
      },
      { key: 'taken', head: 'exits', help: 'times left, over all exits', value: taken },
      {
        key: 'recorded',
        minor: true,
        head: 'recorded',
        help: 'guest instructions in the trace',
        value: (r) => r.recorded,
      },
      {
        key: 'before',
        minor: true,
        head: 'IR before',
        help: 'IR instructions before optimization',
        value: (r) => r.irBefore,
      },
      {
        key: 'after',
        minor: true,
        head: 'IR after',
        help: 'IR instructions after optimization',
        value: (r) => r.irAfter,
      },
      { key: 'bytes', head: 'bytes', help: 'bytes of emitted Wasm', value: (r) => r.bytes },
      { key: 'metadata', minor: true, head: 'metadata', help: 'bytes of exit metadata', value: (r) => r.metadataBytes },
      {
        key: 'compile',
        minor: true,
        head: 'compile ms',
        help: 'milliseconds to emit and compile',
        value: (r) => r.compile_ms,
        text: (r) => f.ms3(r.compile_ms),
      },
      {
        key: 'live',
        minor: true,
        head: 'live',
        help: 'no: removed by a flush or cull',
        value: (r) => (r.live ? 'yes' : 'no'),
      },
    ];
    // Without a sampler nobody knows the time, without debug information the source.
    const known: Record<string, boolean> = {
      time: stats.fragments.some((g) => g.time !== null),
      source: stats.fragments.some((g) => g.line),
    };
    return columns.filter((c) => known[c.key] !== false);
  },
};

export const fragments: RunSection = {
  id: 'fragments',
  title: 'Hottest fragments',
  grids: [table],
  render: ({ stats, draw, grid }) => {
    if (stats.fragments.length === 0)
      return html`<p class="none">No fragment was compiled in this run (mode ${stats.mode}).</p>`;
    const shares = cumulativeShares(stats);
    const sets = [0.9, 0.99].map((s) => {
      const n = coverSet(shares, s);
      return n === null
        ? `no set of fragments covers ${s * 100} %`
        : `${fmt.int(n)} ${n === 1 ? 'covers' : 'cover'} ${s * 100} %`;
    });
    return html`<p>${fmt.count(shares.length, 'fragment')}; ${sets.join(', ')} of all guest instructions.</p>
<figure>${paretoCurve(draw, shares)}<figcaption>Share of all guest instructions that the hottest fragments execute together; dashed: 90 %.</figcaption></figure>
${grid(table)}`;
  },
};
