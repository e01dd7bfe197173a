/** `wynamo list`: the catalogues of the machine, one line an entry. */

import { CACHE_POLICIES } from '../../cache/policies/index.ts';
import { UserError, unknownName } from '../../errors.ts';
import { EXPORTERS } from '../../export/catalogue.ts';
import { EXIT_REASONS } from '../../ir/ir.ts';
import { CONFIGS } from '../../lab/config.ts';
import { METRICS } from '../../lab/metrics.ts';
import { MONITORS } from '../../monitor/catalogue.ts';
import { PASSES } from '../../opt/pipeline.ts';
import { OPTION_ROWS } from '../../options.ts';
import { ABORT_REASONS } from '../../record/aborts.ts';
import { POLICIES } from '../../record/policies/index.ts';
import type { Command } from '../command.ts';
import { print } from '../output.ts';

interface Entry {
  readonly name: string;
  readonly doc: string;
}

const entries = (record: Readonly<Record<string, string>>): Entry[] =>
  Object.entries(record).map(([name, doc]) => ({ name, doc }));

/** What can be listed; a catalogue is one line. */
const CATALOGUES: Readonly<Record<string, { doc: string; entries(): readonly Entry[] }>> = {
  passes: { doc: 'optimization passes (-O)', entries: () => PASSES },
  policies: { doc: 'trace selection (--policy)', entries: () => POLICIES },
  caches: { doc: 'what the fragment cache gives up (--cache-policy)', entries: () => CACHE_POLICIES },
  exits: { doc: 'why a fragment is left', entries: () => entries(EXIT_REASONS) },
  aborts: { doc: 'why a recording or a fragment is given up', entries: () => entries(ABORT_REASONS) },
  configs: {
    doc: 'configurations to measure under (campaign, bench)',
    entries: () => Object.entries(CONFIGS).map(([name, { doc }]) => ({ name, doc })),
  },
  formats: { doc: 'formats of profiles (profile --format)', entries: () => EXPORTERS },
  monitors: { doc: 'what monitor can watch (--with)', entries: () => MONITORS },
  metrics: { doc: 'metrics of campaigns', entries: () => METRICS },
  options: { doc: 'options of the machine', entries: () => OPTION_ROWS.map((r) => ({ name: r.name, doc: r.doc })) },
};

export const command: Command = {
  usage: `[${Object.keys(CATALOGUES).join('|')}]`,
  about: 'Prints the names that options, logs and reports use, each with its meaning; without an argument all of them.',
  flags: [],
  run(parsed) {
    const [wanted, more] = parsed.positionals;
    if (more !== undefined) throw new UserError(`list takes one catalogue, not '${more}' too`);
    const known = Object.keys(CATALOGUES);
    if (wanted !== undefined && !known.includes(wanted)) throw new UserError(unknownName('catalogue', wanted, known));
    for (const name of wanted === undefined ? known : [wanted]) {
      const { doc, entries: list } = CATALOGUES[name]!;
      const rows = list();
      const width = Math.max(...rows.map((row) => row.name.length));
      print(`${name}: ${doc}\n${rows.map((row) => `  ${row.name.padEnd(width)}  ${row.doc}\n`).join('')}\n`);
    }
    return Promise.resolve(0);
  },
};
