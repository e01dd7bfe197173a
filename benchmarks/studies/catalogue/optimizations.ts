/** Study: what each pass is worth alone and last, and what exact traps cost. */
import { ablationBars } from '../../../src/lab/render/bars-chart.ts';
import { interval, speed } from '../../../src/lab/render/figures.ts';
import { table } from '../../../src/lab/render/markdown.ts';
import { middle, speedOf } from '../figures.ts';
import { COUNTED, effort, type Study } from '../study.ts';

const ALL = COUNTED;
const NONE = `${ALL}+passes=O0`;
const IMPRECISE = 'hosttraps+nativeFirst=off+compileFree=200';

/** V8's own bounds on inlining. */
const BOUNDS = ['--wasm-inlining-budget=5000', '--wasm-inlining-factor=3'];

/** What is no pass, and has a switch of its own. `on` and `off`: the configurations that differ by it alone. */
const PARTS = [
  { name: 'regions of several paths', off: `${ALL}+maxRegion=0`, on: ALL, how: '`--max-region=0`' },
  { name: 'inlining in regions', off: `${ALL}+maxInline=0`, on: ALL, how: '`--max-inline=0`' },
  { name: 'fragments at all', off: `${ALL}+policy=none`, on: ALL, how: '`--policy=none`' },
  { name: 'the native-first tier', off: ALL, on: 'trace', how: '`--native-first=off`' },
  {
    name: "the host's inlining, with raised bounds",
    off: `trace+${BOUNDS.join('+')}`,
    on: 'trace',
    how: `\`node ${BOUNDS.join(' ')}\``,
  },
] as const;

export const optimizations: Study = {
  name: 'optimizations',
  title: 'What each optimization is worth, and the price of precision',
  question:
    'How much faster is a program by one pass, when it is the only one and when it comes to all others? And how much of the ' +
    'speed is paid for traps after which every local is exact (guards before each instruction that may trap) instead of ' +
    'traps that are left to the host?',
  plan: (quick) => ({
    ...effort(quick, null, 8, 2),
    configs: [...new Set([ALL, IMPRECISE, ...PARTS.flatMap(({ on, off }) => [on, off])])],
    ablation: { config: ALL, passes: quick ? ['fold', 'guards', 'licm', 'strips'] : 'each' },
    baseline: ALL,
    measures: ['steady', 'count'],
    metrics: ['steady', 'speedup', 'removed', 'code-bytes', 'metadata-bytes', 'exit-rate'],
    labels: { [IMPRECISE]: 'traps left to the host' },
  }),
  charts: {
    'ablation.svg': 'Speed with a pass over speed without it, steady state, geometric mean.',
    'speed-steady.svg': 'Speed of each program with traps left to the host; exact traps = 1.',
  },
  findings({ about: { plan } }, rows) {
    const bars = ablationBars(rows, plan.ablation!);
    return [
      '## Passes',
      '',
      `All passes together: ${speedOf(rows, ALL, NONE)} times as fast as none. Steady state, geometric mean over ${rows.length} programs.`,
      '',
      ...table(
        ['pass', 'last: all others on', 'alone: all others off'],
        bars.map((bar) => [`\`${bar.label}\``, interval(bar.last), interval(bar.alone)]),
      ),
      '## Parts that are no passes',
      '',
      ...table(
        ['part', 'switched off by', 'speed with it, without it = 1'],
        PARTS.map(({ name, how, on, off }) => [name, how, speedOf(rows, on, off)]),
      ),
      'Vectors are the pass `vectorize`, strips of counted loops the pass `strips`; the machine unrolls no loop itself: the ' +
        'host does that to emitted loops.',
      '',
      '## The price of precision',
      '',
      `With traps left to the host programs run ${speedOf(rows, IMPRECISE, ALL)} times as fast; fragments take ` +
        `${middle(rows, 'code-bytes', IMPRECISE, ALL)} instead of ${middle(rows, 'code-bytes', ALL, ALL)} bytes (medians).`,
      '',
      ...table(
        ['program', 'speed without exact traps, with them = 1'],
        rows.map((row) => [`\`${row.id}\``, interval(speed(row, IMPRECISE, ALL, 'steady'))]),
      ),
    ];
  },
};
