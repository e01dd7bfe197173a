/** The sections of the report, in order: one line each. */
import type { ReportSection, RunSection } from './section.ts';
import { aborts } from './sections/aborts.ts';
import { cache } from './sections/cache.ts';
import { code } from './sections/code.ts';
import { comparison } from './sections/comparison.ts';
import { coverage } from './sections/coverage.ts';
import { exits } from './sections/exits.ts';
import { fragments } from './sections/fragments.ts';
import { functions } from './sections/functions.ts';
import { glossary } from './sections/glossary.ts';
import { overview } from './sections/overview.ts';
import { passes } from './sections/passes.ts';
import { time } from './sections/time.ts';
import { tree } from './sections/tree.ts';
import { warmup } from './sections/warmup.ts';
import { workloads } from './sections/workloads.ts';

/** Before the runs; a section that draws nothing is left out. */
export const HEAD: readonly ReportSection[] = [workloads, comparison];

/** For each run. */
export const RUN: readonly RunSection[] = [
  overview,
  time,
  coverage,
  warmup,
  fragments,
  tree,
  code,
  passes,
  exits,
  aborts,
  functions,
  cache,
];

/** After the runs. */
export const TAIL: readonly ReportSection[] = [glossary];
