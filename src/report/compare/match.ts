/**
 * Fragments of several runs by where they begin. Numbers of fragments say in which order they were made, which differs from run
 * to run; the guest's location and the kind do not. Several at one location (made again after a flush, grown) are one row.
 */
import type { FragmentStats, Stats } from '../../profile/schema.ts';

export interface Side {
  /** The one that completed most instructions. */
  readonly id: number;
  readonly fragments: number;
  readonly instructions: number;
  readonly entries: number;
  readonly iterations: number;
  readonly exits: number;
  readonly bytes: number;
  readonly irAfter: number;
  /** Share of sampled time; null without a sampler. */
  readonly time: number | null;
}

export interface Match {
  readonly name: string;
  readonly offset: number;
  readonly kind: FragmentStats['kind'];
  readonly file?: string;
  readonly line?: number;
  /** By run; null where it has none there. */
  readonly sides: readonly (Side | null)[];
}

/** Those with the most instructions in any run come first. */
export function matchFragments(runs: readonly Stats[]): Match[] {
  const places = new Map<string, { first: FragmentStats; sides: FragmentStats[][] }>();
  runs.forEach((run, i) => {
    for (const f of run.fragments) {
      const key = `${f.kind} ${f.offset}`;
      let place = places.get(key);
      if (!place) places.set(key, (place = { first: f, sides: runs.map(() => []) }));
      place.sides[i]!.push(f);
    }
  });
  const most = (m: Match) => Math.max(...m.sides.map((s) => s?.instructions ?? 0));
  return [...places.values()]
    .map(({ first, sides }) => {
      const { name, offset, kind, file, line } = first;
      return { name, offset, kind, ...(file && line ? { file, line } : {}), sides: sides.map(together) };
    })
    .sort((a, b) => most(b) - most(a));
}

function together(list: readonly FragmentStats[]): Side | null {
  const [first] = list;
  if (!first) return null;
  const sum = (of: (f: FragmentStats) => number) => list.reduce((n, f) => n + of(f), 0);
  return {
    id: list.reduce((a, b) => (b.instructions > a.instructions ? b : a)).id,
    fragments: list.length,
    instructions: sum((f) => f.instructions),
    entries: sum((f) => f.entries),
    iterations: sum((f) => f.iterations),
    exits: sum((f) => f.exits.reduce((n, e) => n + e.count, 0)),
    bytes: sum((f) => f.bytes),
    irAfter: sum((f) => f.irAfter),
    time: list.some((f) => f.time !== null) ? sum((f) => f.time ?? 0) : null,
  };
}

/** Functions by name whose instructions differ between runs, and how many there are in all. */
export function differingFunctions(runs: readonly Stats[]): {
  all: number;
  rows: { name: string; instructions: (number | null)[] }[];
} {
  const names = new Map<string, (number | null)[]>();
  runs.forEach((run, i) => {
    for (const f of run.functions) {
      let row = names.get(f.name);
      if (!row) names.set(f.name, (row = runs.map(() => null)));
      row[i] = (row[i] ?? 0) + f.instructions;
    }
  });
  const rows = [...names].map(([name, instructions]) => ({ name, instructions }));
  const differ = rows.filter(({ instructions }) => instructions.some((n) => (n ?? 0) !== (instructions[0] ?? 0)));
  const gap = (r: { instructions: (number | null)[] }) => {
    const values = r.instructions.map((n) => n ?? 0);
    return Math.max(...values) - Math.min(...values);
  };
  return { all: rows.length, rows: differ.sort((a, b) => gap(b) - gap(a)) };
}
