/**
 * The data of a report in the page: the statistics of each run with their long lists turned into columns, texts
 * replaced by indices into one table, and the code of each fragment deflated on its own, so that the page inflates only
 * what is looked at. 10,000 fragments with 60,000 exits take about 3 MB this way, and 20 MB as plain JSON.
 *
 * `unpack` is the reader; it runs in the page (its own text is embedded) and gives back the same statistics but for the
 * code, which `Packed.code` holds by fragment id: base64 of raw deflate of JSON (`pack-code.ts`).
 */
import { deflateRawSync } from 'node:zlib';
import type { FragmentExit, FragmentStats, Stats } from '../profile/schema.ts';
import { packCode } from './pack-code.ts';

/** One list of like objects: a column for each field, in the order of `keys`; `text[i]` marks columns of text indices. */
export interface Columns {
  length: number;
  keys: string[];
  text: boolean[];
  data: unknown[][];
}

type Lists = 'fragments' | 'functions' | 'loops' | 'aborts' | 'timeline';

export interface Packed {
  /** Everything in the statistics that is not a list. */
  head: Omit<Stats, Lists>;
  texts: string[];
  fragments: Columns;
  /** Exits of all fragments in a row; `fragments` has a column `exits` with their number. */
  exits: Columns;
  functions: Columns;
  loops: Columns;
  aborts: Columns;
  timeline: Columns;
  code: Record<string, string>;
  /** Fragments whose code the run kept but that did not fit into the report. */
  codeLeftOut: number;
}

type Row = Record<string, unknown>;

/**
 * Packs runs within a budget for the characters of all code. Runs with little code come first: what they leave over is
 * for the others.
 */
export function packAll(runs: readonly Stats[], codeBudget: number): Packed[] {
  const size = (s: Stats) =>
    s.fragments.reduce((n, f) => n + (f.code ? f.code.wat.length + f.code.trace.length : 0), 0);
  const packed = new Map<Stats, Packed>();
  let left = codeBudget;
  for (const [i, stats] of runs.toSorted((a, b) => size(a) - size(b)).entries()) {
    const one = pack(stats, Math.floor(left / (runs.length - i)));
    left -= Object.values(one.code).reduce((n, text) => n + text.length, 0);
    packed.set(stats, one);
  }
  return runs.map((stats) => packed.get(stats)!);
}

/** Packs one run; `codeBudget` bounds the characters of code in the page, the hottest fragments come first. */
export function pack(stats: Stats, codeBudget: number): Packed {
  const texts = new Map<string, number>();
  const { fragments, functions, loops, aborts, timeline, ...head } = stats;
  const columns = (rows: readonly object[]) => toColumns(rows as readonly Row[], texts);
  const packed = {
    head,
    fragments: columns(fragments.map(fragmentRow)),
    exits: columns(fragments.flatMap((f) => f.exits)),
    functions: columns(functions),
    loops: columns(loops),
    aborts: columns(aborts),
    timeline: columns(timeline.map((t) => ({ ...t, t_ms: micro(t.t_ms), fragment: t.fragment ?? null }))),
    ...codeOf(fragments, codeBudget),
  };
  return { ...packed, texts: [...texts.keys()] };
}

/** Milliseconds are kept to the microsecond. */
function micro(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function fragmentRow(f: FragmentStats): Row {
  const { code, exits, parent, ...rest } = f;
  return {
    ...rest,
    compile_ms: micro(f.compile_ms),
    parentFragment: parent?.fragment ?? null,
    parentExit: parent?.exit ?? null,
    exits: exits.length,
  };
}

function toColumns(rows: readonly Row[], texts: Map<string, number>): Columns {
  const keys = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  const text = keys.map((k) => rows.some((r) => typeof r[k] === 'string'));
  const intern = (s: unknown) => {
    if (typeof s !== 'string') return s ?? null;
    const known = texts.get(s);
    if (known !== undefined) return known;
    texts.set(s, texts.size);
    return texts.size - 1;
  };
  const cell = (v: unknown) => (typeof v === 'boolean' ? Number(v) : (v ?? null));
  const data = keys.map((k, i) => rows.map((r) => (text[i] ? intern(r[k]) : cell(r[k]))));
  return { length: rows.length, keys, text, data };
}

function codeOf(fragments: readonly FragmentStats[], budget: number): Pick<Packed, 'code' | 'codeLeftOut'> {
  const code: Record<string, string> = {};
  let left = budget;
  let codeLeftOut = 0;
  for (const f of fragments.toSorted((a, b) => b.instructions - a.instructions)) {
    if (!f.code) continue;
    const text = left > 0 ? deflateRawSync(JSON.stringify(packCode(f.code))).toString('base64') : '';
    if (text === '' || text.length > left) {
      codeLeftOut++;
      continue;
    }
    left -= text.length;
    code[f.id] = text;
  }
  return { code, codeLeftOut };
}

/** Statistics as the page sees them. */
export type Unpacked = Stats & Pick<Packed, 'codeLeftOut'> & { packedCode: Packed['code'] };

/** Self-contained: its text is embedded into the page. */
export function unpack(packed: Packed): Unpacked {
  const rows = (c: Columns): Row[] => {
    const out: Row[] = [];
    for (let i = 0; i < c.length; i++) {
      const row: Row = {};
      for (let k = 0; k < c.keys.length; k++) {
        const v = c.data[k]![i];
        row[c.keys[k]!] = c.text[k] && typeof v === 'number' ? packed.texts[v] : v;
      }
      out.push(row);
    }
    return out;
  };
  const exits = rows(packed.exits) as unknown as FragmentExit[];
  let next = 0;
  const fragments = rows(packed.fragments).map((row) => {
    const { parentFragment, parentExit, ...rest } = row;
    const count = row.exits as number;
    const parent = parentFragment === null ? null : { fragment: parentFragment, exit: parentExit };
    const own = exits.slice(next, next + count);
    next += count;
    return { ...rest, parent, loops: row.loops === 1, live: row.live === 1, exits: own };
  });
  const aborts = rows(packed.aborts).map((row) => ({ ...row, blacklisted: row.blacklisted === 1 }));
  const timeline = rows(packed.timeline).map(({ fragment, ...row }) =>
    fragment === null ? row : { ...row, fragment },
  );
  return {
    ...packed.head,
    fragments: fragments as unknown as FragmentStats[],
    functions: rows(packed.functions) as unknown as Stats['functions'],
    loops: rows(packed.loops) as unknown as Stats['loops'],
    aborts: aborts as unknown as Stats['aborts'],
    timeline: timeline as unknown as Stats['timeline'],
    packedCode: packed.code,
    codeLeftOut: packed.codeLeftOut,
  };
}
