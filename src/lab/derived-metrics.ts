/**
 * Metrics that are rows of other catalogues: aborts and exits by reason, instructions removed by pass, the speedup against
 * each baseline, the instruction mix by kind. A new pass or reason is a metric without further work.
 */
import { EXIT_REASONS, type ExitReason } from '../ir/ir.ts';
import { PASSES } from '../opt/pipeline.ts';
import { ABORT_REASONS } from '../record/aborts.ts';
import type { Effect } from '../wasm/row.ts';
import { CONFIGS, isBest } from './config.ts';
import type { Counts } from './counts.ts';
import { counted, inverse, type Metric, share, sum, timed } from './metric.ts';
import { type Row, steadyRatio } from './summary.ts';

/** Exits that are no failed guard: the fragment was over, or something else ended it. */
const NO_GUARD: ReadonlySet<string> = new Set<ExitReason>([
  'return',
  'call',
  'thrown',
  'depth',
  'loop',
  'fuel',
  'stack',
  'end',
  'interp',
  'unreachable',
]);

const MILLION = 1e6;
const taken = (c: Counts, which: (reason: string) => boolean) =>
  sum(c.fragments, (f) => sum(f.exits, (e) => (which(e.reason) ? e.count : 0)));

const guards = counted(
  'guard-failures',
  'per million',
  'guards that failed, of all reasons, for a million guest instructions in fragments',
  (c) => share(MILLION * taken(c, (reason) => !NO_GUARD.has(reason)), c.instructions.fragments),
);

const failures = Object.entries(EXIT_REASONS).map(([reason, doc]) =>
  counted(
    `exits-${reason}`,
    'per million',
    `${NO_GUARD.has(reason) ? 'exits' : 'failed guards'} by reason, for a million guest instructions in fragments: ${doc}`,
    (c) => share(MILLION * taken(c, (r) => r === reason), c.instructions.fragments),
  ),
);

const aborts = Object.entries(ABORT_REASONS).map(([reason, doc]) =>
  counted(`aborts-${reason}`, 'recordings', `aborts by reason: ${doc}`, (c) => c.traces.aborted[reason] ?? 0),
);

const removed = PASSES.map(({ name }) =>
  counted(
    `removed-${name}`,
    'instructions',
    `IR instructions that pass \`${name}\` removed, less those it added`,
    (c) =>
      sum(
        c.passes.filter((pass) => pass.name === name),
        (pass) => pass.removed - pass.added,
      ),
  ),
);

/** What speeds can be relative to whatever the plan's baseline is: everything that runs without fragments. */
const speedups = Object.entries(CONFIGS)
  .filter(([, config]) => isBest(config) || config.mode === 'native' || config.mode === 'interp')
  .map(([name]) =>
    timed(
      `speedup-${name}`,
      'times',
      `steady time of configuration \`${name}\` over that of the configuration, 95 % bootstrap interval; null where the plan has it not`,
      (cell, row) => inverse(steadyRatio(cell, row.cells[name])),
    ),
  );

/** Kinds of instructions as the opcode table has them. */
const KINDS: Readonly<Record<Effect, string>> = {
  pure: 'compute and can do nothing else',
  trap: 'compute and may trap',
  load: 'load from memory',
  store: 'store to memory',
  size: 'ask for the size of a memory or table',
  grow: 'grow a memory or table',
  bulk: 'copy or fill',
  'global.get': 'read a global',
  'global.set': 'write a global',
  local: 'read or write a local',
  'table.get': 'read a table',
  'table.set': 'write a table',
  control: 'branch, or begin or end a block',
  call: 'call',
  'heap.new': 'allocate an object',
  'heap.get': 'read an object',
  'heap.set': 'write an object',
  atomic: 'are atomic accesses',
};

/** The mix belongs to the program: whichever configuration has counted it tells it for all. */
const mixOf = (row: Row) => Object.values(row.cells).find((cell) => cell.mix)?.mix ?? null;

const mix = Object.entries(KINDS).map(
  ([kind, doc]): Metric => ({
    name: `mix-${kind.replace('.', '-')}`,
    unit: 'share',
    doc: `instruction mix: executed guest instructions that ${doc}, over all; where the plan counts under \`profiled\` or \`monitored\``,
    kind: 'count',
    of(_, row) {
      const all = mixOf(row);
      return (
        all &&
        share(
          all[kind] ?? 0,
          sum(Object.values(all), (n) => n),
        )
      );
    },
  }),
);

export const DERIVED_METRICS: readonly Metric[] = [guards, ...failures, ...aborts, ...removed, ...speedups, ...mix];
