/** All commands. A command that is not here does not exist. */
import type { CommandRow } from './command.ts';

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'run',
    doc: 'runs a module, as if nothing were between it and the host',
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'profile',
    doc: 'runs a module and prints its hot functions, loops and traces',
    load: () => import('./commands/profile.ts'),
  },
  {
    name: 'monitor',
    doc: 'runs a module natively under monitors: branches, calls, memory accesses, values, coverage and more',
    load: () => import('./commands/monitor.ts'),
  },
  {
    name: 'hint',
    doc: 'runs a module and writes it with its profile as branch and compilation hints, for plain engines',
    load: () => import('./commands/hint.ts'),
  },
  {
    name: 'report',
    doc: 'runs a module and writes one HTML file about the run',
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'dump',
    doc: 'runs a module and prints traces at a stage of their compilation',
    load: () => import('./commands/dump.ts'),
  },
  {
    name: 'explore',
    doc: 'serves the report of a run while it goes on, with passes and thresholds to try',
    load: () => import('./commands/explore.ts'),
  },
  {
    name: 'bisect',
    doc: 'finds the fragment, pass and rule that make a run wrong or slow',
    load: () => import('./commands/bisect.ts'),
  },
  {
    name: 'campaign',
    doc: 'measures workloads under configurations by a plan, and reports, exports and compares the results',
    load: () => import('./commands/campaign.ts'),
  },
  {
    name: 'list',
    doc: 'prints what there is by name: passes, policies, exit and abort reasons, options',
    load: () => import('./commands/list.ts'),
  },
];
