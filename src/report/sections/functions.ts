/** Hot functions and loops, by exact counts. */
import type { FunctionStats, LoopStats } from '../../profile/schema.ts';
import { html } from '../html.ts';
import type { GridColumn, GridSpec, RunSection } from '../section.ts';

const functionTable: GridSpec<FunctionStats> = {
  name: 'functions',
  caption: 'Functions',
  sorted: 'instructions',
  rows: (stats) => stats.functions.toSorted((a, b) => b.instructions - a.instructions),
  columns: (f, stats): GridColumn<FunctionStats>[] => {
    const share = (r: FunctionStats) => r.instructions / (stats.instructions.total || 1);
    const columns: GridColumn<FunctionStats>[] = [
      { key: 'name', head: 'function', help: 'name in the module', value: (r) => r.name },
      {
        key: 'source',
        minor: true,
        head: 'source',
        help: "file and line in the guest's source",
        value: (r) => (r.line ? `${r.file}:${r.line}` : ''),
      },
      {
        key: 'index',
        label: true,
        head: 'index',
        help: 'function index in the module',
        value: (r) => r.index,
        text: (r) => String(r.index),
      },
      {
        key: 'offset',
        label: true,
        head: 'offset',
        help: 'byte offset of the body in the module',
        value: (r) => r.offset,
        text: (r) => `0x${r.offset.toString(16)}`,
      },
      { key: 'entries', head: 'entries', help: 'times called', value: (r) => r.entries },
      {
        key: 'instructions',
        head: 'instructions',
        help: 'guest instructions completed in its body',
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
    ];
    return columns.filter((c) => c.key !== 'source' || stats.functions.some((r) => r.line));
  },
};

const loopTable: GridSpec<LoopStats> = {
  name: 'loops',
  caption: 'Loops',
  sorted: 'heads',
  rows: (stats) => stats.loops.toSorted((a, b) => b.heads - a.heads),
  columns: (f, stats): GridColumn<LoopStats>[] => {
    const most = Math.max(1, ...stats.loops.map((l) => l.heads));
    const columns: GridColumn<LoopStats>[] = [
      {
        key: 'where',
        head: 'loop',
        help: 'function and byte offset of the loop instruction in the module',
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
        key: 'heads',
        head: 'head reached',
        help: 'times, from above or by the back edge',
        value: (r) => r.heads,
        bar: (r) => r.heads / most,
      },
    ];
    return columns.filter((c) => c.key !== 'source' || stats.loops.some((r) => r.line));
  },
};

export const functions: RunSection = {
  id: 'functions',
  title: 'Hot functions and loops',
  grids: [functionTable, loopTable],
  render: ({ grid }) => html`<div class="columns">${grid(functionTable)}${grid(loopTable)}</div>`,
};
