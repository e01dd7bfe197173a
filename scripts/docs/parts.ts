/** The generated parts of the documents: one line each, made from the tables that the code itself uses. */

import { CACHE_POLICIES } from '../../src/cache/policies/index.ts';
import { COMMANDS } from '../../src/cli/catalogue.ts';
import { commandHelp, defaultText, mainHelp, optionUsage } from '../../src/cli/help.ts';
import { BOUNDS, LIMITS } from '../../src/cli/limits.ts';
import { STATUSES } from '../../src/cli/status.ts';
import { EXPORTERS } from '../../src/export/catalogue.ts';
import { EXIT_REASONS } from '../../src/ir/ir.ts';
import { METRICS } from '../../src/lab/metrics.ts';
import { MONITORS } from '../../src/monitor/catalogue.ts';
import { PASSES } from '../../src/opt/pipeline.ts';
import { CODE_RULES, PATTERN_RULES } from '../../src/opt/rules/apply.ts';
import { OPTION_BY_NAME, OPTION_ROWS, type OptionRow } from '../../src/options.ts';
import type { NamedPolicy } from '../../src/policy-text.ts';
import { ABORT_REASONS } from '../../src/record/aborts.ts';
import { POLICIES } from '../../src/record/policies/index.ts';
import { figures } from './figures.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');

/** A Markdown table. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Values that an option takes. */
function range(row: OptionRow): string {
  if (row.type === 'choice') return row.choices.join(', ');
  if (row.type === 'bool') return '';
  if (row.type === 'text') return row.value ?? '';
  return `${row.min} to ${row.max}`;
}

const options = () =>
  table(
    ['flag', 'library', 'default', 'values', 'kind', 'meaning'],
    (OPTION_ROWS as readonly OptionRow[]).map((row) => [
      `\`${optionUsage(row)}\``,
      `\`${row.name}\``,
      defaultText(row) || (row.type === 'bool' ? 'off' : 'none'),
      range(row),
      row.kind,
      row.doc,
    ]),
  );

const limits = () => {
  const line = (name: string, ends: string, status: string) => {
    const row = OPTION_BY_NAME.get(name) as OptionRow;
    const none = row.type === 'integer' || row.type === 'bytes' ? row.default === 0 || row.default === 1e9 : false;
    return [`\`${optionUsage(row)}\``, none ? 'no limit' : defaultText(row), ends, status];
  };
  return table(
    ['limit', 'default', 'what happens', 'status'],
    [
      ...Object.entries(LIMITS).map(([name, { error, status }]) =>
        line(name, `the guest ends with ${error}`, String(status)),
      ),
      ...Object.entries(BOUNDS).map(([name, doc]) => line(name, `the guest goes on: ${doc}`, '')),
    ],
  );
};

const metrics = () =>
  table(
    ['metric', 'unit', 'kind', 'meaning'],
    METRICS.map((row) => [`\`${row.name}\``, row.unit, row.kind, row.doc]),
  );

const formats = () =>
  table(
    ['format', 'usual ending', 'what it is'],
    EXPORTERS.map((row) => [`\`${row.name}\``, `\`.${row.extension}\``, row.doc]),
  );

const monitors = () =>
  table(
    ['monitor', 'what it tells'],
    MONITORS.map((row) => [`\`${row.name}\``, row.doc]),
  );

const policies = (rows: readonly NamedPolicy[]) => () =>
  table(
    ['policy', 'what it does', 'parameters', 'source'],
    rows.map((row) => [
      `\`${row.name}\``,
      row.doc,
      Object.entries(row.params ?? {})
        .map(([name, p]) => `\`${name}\` (${p.default}): ${p.doc}`)
        .join('; ') || 'none',
      row.source,
    ]),
  );

const passes = () =>
  table(
    ['pass', 'what it does', 'rules'],
    PASSES.map((row) => [
      `\`${row.name}\``,
      row.doc,
      row.name === 'rules' ? 'see below' : (row.rules ?? []).join(', '),
    ]),
  );

const rules = () =>
  table(
    ['rule', 'what it does'],
    [
      ...PATTERN_RULES.map((row) => [`\`${row.id}\``, `\`${row.from}\` becomes \`${row.to}\``]),
      ...CODE_RULES.map((row) => [`\`${row.id}\``, row.doc]),
    ],
  );

const reasons = (what: string, rows: Readonly<Record<string, string>>) => () =>
  table(
    [what, 'meaning'],
    Object.entries(rows).map(([name, doc]) => [`\`${name}\``, doc]),
  );

const statuses = () =>
  table(
    ['status', 'meaning'],
    Object.values(STATUSES).map((row) => [String(row.code), row.doc]),
  );

const help = async () => {
  const texts = [mainHelp(COMMANDS)];
  for (const row of COMMANDS) texts.push(commandHelp(row, (await row.load()).command));
  // The options of the machine are the same for all; the table above has them.
  return texts
    .map((text) => `\`\`\`text\n${text.replace(/\noptions of the machine:\n[\s\S]*$/, '').trimEnd()}\n\`\`\``)
    .join('\n\n');
};
const helpText = await help();

export const PARTS: Record<string, { text(): string }> = {
  options: { text: options },
  limits: { text: limits },
  statuses: { text: statuses },
  metrics: { text: metrics },
  monitors: { text: monitors },
  policies: { text: policies(POLICIES) },
  caches: { text: policies(CACHE_POLICIES) },
  passes: { text: passes },
  rules: { text: rules },
  exits: { text: reasons('exit', EXIT_REASONS) },
  aborts: { text: reasons('reason', ABORT_REASONS) },
  formats: { text: formats },
  help: { text: () => helpText },
  figures: { text: figures },
};
