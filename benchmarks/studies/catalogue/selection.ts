/** Study: which code a trace selection policy chooses, and what that is worth. */
import { table } from '../../../src/lab/render/markdown.ts';
import { POLICIES } from '../../../src/record/policies/index.ts';
import { middle, speedOf } from '../figures.ts';
import { COUNTED, effort, type Study } from '../study.ts';

const configOf = (policy: string) => `${COUNTED}+policy=${policy}`;
const BASELINE = configOf('net');

/** By metric: the head of its column. */
const REGIONS = {
  coverage: 'coverage',
  'cover-90': '90 % cover set',
  fragments: 'fragments',
  'static-size': 'static size',
  'dynamic-size': 'dynamic size',
  'code-expansion': 'expansion',
  'spanned-cycles': 'spanned cycles',
  'spanned-execution': 'spanned execution',
  completion: 'completion',
} as const;
const TRAFFIC = {
  transitions: 'transitions',
  'exit-rate': 'exits per million',
  links: 'links',
  counters: 'counters',
  'metadata-bytes': 'metadata, bytes',
  'code-bytes': 'code, bytes',
  aborts: 'aborts',
  removed: 'removed',
} as const;

export const selection: Study = {
  name: 'selection',
  title: 'Trace selection policies',
  question:
    'Which regions does each selection policy choose, and how fast is the program then? The metrics of regions are those of ' +
    'Hiniker, Hazelwood and Smith (MICRO 2005); the yardstick is NET, as there.',
  plan: (quick) => ({
    ...effort(quick, ['guests', 'apps'], 8, 2),
    configs: POLICIES.map(({ name }) => configOf(name)),
    baseline: BASELINE,
    measures: ['steady', 'count'],
    metrics: ['steady', 'speedup', ...Object.keys(REGIONS), ...Object.keys(TRAFFIC)],
    labels: Object.fromEntries(POLICIES.map(({ name }) => [configOf(name), name])),
  }),
  charts: {
    'heat.svg': 'Speed of each program under each policy, steady state; NET = 1.',
    'coverage.svg': 'Share of the instructions that the largest fragments cover.',
  },
  findings(_, rows) {
    const names = POLICIES.map(({ name }) => name);
    const metrics = (columns: Readonly<Record<string, string>>) =>
      table(
        ['policy', ...Object.values(columns)],
        names.map((name) => [
          `\`${name}\``,
          ...Object.keys(columns).map((metric) => middle(rows, metric, configOf(name), BASELINE)),
        ]),
      );
    return [
      '## Speed',
      '',
      'Steady state, everything counted, NET = 1; geometric mean over the programs, 95 % interval.',
      '',
      ...table(
        ['policy', 'speed', 'source'],
        POLICIES.map(({ name, source }) => [`\`${name}\``, speedOf(rows, configOf(name), BASELINE), source]),
      ),
      '## Regions',
      '',
      `Medians over ${rows.length} programs; what each column means is in docs/campaigns.md.`,
      '',
      ...metrics(REGIONS),
      ...metrics(TRAFFIC),
    ];
  },
};
