/**
 * Writes what was found into a folder that needs nothing else: the guest, its recorded host calls, the two commands, and the
 * code of the fragment before and behind the step that is to blame.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FragmentStats, Stats } from '../profile/schema.ts';
import type { Culprit } from './bisect.ts';
import type { Trial, TrialSetup } from './trial.ts';

/** What `describe` needs to know besides the culprit. */
export interface Found {
  culprit: Culprit;
  /** What is wrong, in a few words. */
  why: string;
  /** Flags of all runs. */
  flags: readonly string[];
}

/** The culprit in lines of text, the most important first. */
export function describe({ culprit, why }: Found): string {
  const row = fragmentOf(culprit.trial.stats, culprit.fragment);
  const place = row ? ` ${row.kind} $${row.name}+0x${row.offset.toString(16)}, ${row.recorded} instructions` : '';
  const lines = [`wrong:    ${why}`, `fragment: T${culprit.fragment}${place}`];
  if (culprit.pass) lines.push(`pass:     ${culprit.pass.name} (run ${culprit.pass.run} over all fragments)`);
  else lines.push('pass:     none; it is wrong as it was recorded and lifted, or emitted');
  if (culprit.rule) lines.push(`rule:     ${culprit.rule.name} (firing ${culprit.rule.firing} over all fragments)`);
  else if (culprit.pass) lines.push('rule:     none; the pass is wrong without one');
  return `${lines.join('\n')}\n`;
}

const fragmentOf = (stats: Stats | null, id: number): FragmentStats | undefined =>
  stats?.fragments.find((f) => f.id === id);

/** Writes the folder. `run` runs the guest once more with other flags. */
export function reproduce(
  folder: string,
  found: Found,
  setup: TrialSetup,
  run: (flags: readonly string[]) => Trial,
): void {
  const { culprit, flags } = found;
  mkdirSync(folder, { recursive: true });
  copyFileSync(setup.wasm, join(folder, 'guest.wasm'));
  copyFileSync(setup.calls, join(folder, 'calls.jsonl'));
  const command = (own: readonly string[]) =>
    `    wynamo run --replay=calls.jsonl ${[...flags, ...own].join(' ')} guest.wasm`;
  writeFileSync(
    join(folder, 'README.md'),
    `# What \`wynamo bisect\` found\n\n${describe(found).replace(/^/gm, '    ').trimEnd()}\n
Goes wrong:\n\n${command(culprit.bad)}\n\nGoes well:\n\n${command(culprit.good)}\n
\`before.trace\` and \`behind.trace\` are the fragment's code in the two runs.\n`,
  );
  for (const [name, own] of [
    ['before', culprit.good],
    ['behind', culprit.bad],
  ] as const) {
    const code = fragmentOf(run([...own, '--keep-code']).stats, culprit.fragment)?.code;
    const parts = code
      ? [code.trace, code.ir.at(-1)?.text ?? '', code.wat]
      : ['no code was kept: the run did not end, or has no such fragment'];
    writeFileSync(join(folder, `${name}.trace`), `${parts.map((p) => p.trimEnd()).join('\n\n')}\n`);
  }
}
