/**
 * What a section of the report is. Each section is one file in `sections/` and one line in `catalogue.ts`; deleting
 * both removes it. A section draws its static part when the report is made (it is what print and pages without script
 * show) and may bring tables and a function that the page runs when the section is first shown.
 */
import type { FragmentStats, Stats } from '../profile/schema.ts';
import type { Doc, Elem, Win } from './browser/dom.ts';
import type { Draw } from './charts/draw.ts';
import type { Formatters } from './format.ts';
import type { Html } from './html.ts';
import type { Unpacked } from './pack.ts';

/** One run as the build sees it. */
export interface RunInfo {
  stats: Stats;
  /** Unique, of `a-z0-9-`; the first half of every link into the run: `#slug/section`, `#slug/T12`. */
  slug: string;
  /** Name for people: the file name of the module, or what the caller calls the run. */
  label: string;
  /** True where the report was asked to compare the run with all others, whatever their modules. */
  compared: boolean;
}

/** A column of a table. All functions of it run at build time and in the page. */
export interface GridColumn<Row> {
  key: string;
  head: string;
  /** What the column means, with unit. */
  help: string;
  /** True for numbers that are names (trace 12): they stand left. */
  label?: true;
  /** True for columns that print leaves out, so that tables fit on paper. */
  minor?: true;
  /** What rows are sorted by. */
  value(row: Row): number | string | boolean | null;
  /** What a cell shows; missing: the value as it is. */
  text?(row: Row): string;
  /** Length of the bar beside the text, 0..1. */
  bar?(row: Row): number;
  /** Second half of a link into the run (`T12`), null for none. */
  link?(row: Row): string | null;
}

/** A table that the page can search, sort and page through. The functions are embedded as text: self-contained. */
// biome-ignore lint/suspicious/noExplicitAny: rows differ from table to table; each file states its own row type.
export interface GridSpec<Row = any> {
  name: string;
  caption: string;
  rows(stats: Stats): Row[];
  columns(fmt: Formatters, stats: Stats): GridColumn<Row>[];
  /** Column by which the rows come sorted, descending. */
  sorted: string;
}

/** What `render` of a section of a run gets. */
export interface RunContext extends RunInfo {
  runs: readonly RunInfo[];
  draw: Draw;
  /** Draws the first rows of a table; the page adds the rest. */
  grid(spec: GridSpec): Html;
}

/** What the page gives to the script of a section. */
export interface Page {
  doc: Doc;
  win: Win;
  fmt: Formatters;
  /** Makes an element; attributes `text`, `class`, others as named; null attributes are left out. */
  h(tag: string, attrs?: Record<string, string | number | null>, ...children: (Elem | string)[]): Elem;
  /** Registers what happens when a link to a trace of the run is followed. */
  onTrace(run: PageRun, show: (fragment: FragmentStats, query: string) => void): void;
  /** Changes the address without following it, so that it can be shared. */
  setAddress(hash: string): void;
}

export interface PageRun {
  slug: string;
  stats: Unpacked;
  byId: Map<number, FragmentStats>;
  /** Inflates the code of a fragment; null where the report has none. */
  code(id: number): Promise<NonNullable<FragmentStats['code']>> | null;
}

/** Self-contained functions for the page. */
export type Lib = Record<string, (...args: never[]) => unknown>;

export interface RunSection {
  id: string;
  title: string;
  render(context: RunContext): Html | Promise<Html>;
  grids?: readonly GridSpec[];
  /** Runs in the page, embedded as text: self-contained. */
  browser?: (page: Page, run: PageRun, host: Elem, lib: Lib) => void;
  /** Functions that `browser` gets as its last argument, by name; embedded as text too. */
  lib?: Lib;
}

/** A section that the report has once. */
export interface ReportSection {
  id: string;
  title: string;
  render(context: { runs: readonly RunInfo[]; draw: Draw }): Html | Promise<Html>;
}
