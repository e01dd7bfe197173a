/** `wynamo dump`: the code of traces at one stage of their way from the recording to emitted Wasm. */
import { addMachineCode } from '../../asm/annotate.ts';
import { asmText } from '../../asm/text.ts';
import { nearest, UserError } from '../../errors.ts';
import { assumedText } from '../../profile/assumed.ts';
import type { FragmentStats } from '../../profile/schema.ts';
import { excerptText } from '../../source/annotate.ts';
import { runAndCollect, TOOL_FLAGS } from '../collect.ts';
import type { Command } from '../command.ts';
import { print } from '../output.ts';

type Code = NonNullable<FragmentStats['code']>;

/** The stages by name, in the order of the pipeline. */
const STAGES: Record<string, (code: Code) => string> = {
  source: (code) => excerptText(code.source ?? []) || ';; the module has no debug information for this trace',
  guest: (code) => code.guest,
  trace: (code) => code.trace,
  ir: (code) => code.ir[0]?.text ?? '',
  opt: (code) => code.ir.at(-1)?.text ?? '',
  wat: (code) => code.wat,
  asm: (code) => (code.asm ? asmText(code.asm) : ';; the engine printed no machine code of this trace'),
};

const assumes = ({ assumed = [] }: FragmentStats) =>
  assumed.length === 0 ? '' : `, assumes ${assumed.map(assumedText).join(', ')}`;

const heading = (row: FragmentStats) =>
  `;; T${row.id} ${row.kind}${row.parent ? ` of T${row.parent.fragment} exit ${row.parent.exit}` : ''} ` +
  `$${row.name.replace(/^\$/, '')}+0x${row.offset.toString(16)}${row.line ? ` (${row.file}:${row.line})` : ''}: ${row.recorded} instructions recorded, IR ${row.irBefore} -> ${row.irAfter}, ${row.bytes} bytes${assumes(row)}`;

export const command: Command = {
  usage: '--stage=STAGE [options] FILE [-- guest arguments]',
  about:
    'Runs a module and prints its traces at a stage: source (lines of the source that the module was compiled from, where it has ' +
    'DWARF line tables or a source map), guest (the code that it was recorded from), trace (what was recorded), ' +
    "ir (before optimization), opt (after all passes), wat (the emitted Wasm), asm (the engine's optimized machine code, with " +
    "what its loops are made of, beside the same loops of the guest compiled natively). The guest's standard output goes to " +
    'standard error.',
  flags: [
    ...TOOL_FLAGS,
    { flag: 'stage', value: Object.keys(STAGES).join('|'), doc: 'what to print (trace)' },
    { flag: 'trace', value: 'ID', doc: 'only this trace: 12 or T12' },
  ],
  async run(parsed) {
    const stage = parsed.own.get('stage')?.[0] ?? 'trace';
    const show = STAGES[stage];
    if (!show) {
      const names = Object.keys(STAGES);
      const near = nearest(stage, names);
      throw new UserError(
        `--stage takes ${names.join(', ')}, not '${stage}'${near ? `; did you mean '${near}'?` : ''}`,
      );
    }
    const wanted = parsed.own.get('trace')?.[0];
    if (wanted !== undefined && !/^T?\d+$/.test(wanted))
      throw new UserError(`--trace takes the number of a trace, not '${wanted}'`);
    parsed.options.keepCode = true;

    const { stats, status, bytes, emitted } = await runAndCollect(parsed);
    const id = wanted === undefined ? undefined : Number(wanted.replace('T', ''));
    const rows = stats.fragments.filter((row) => id === undefined || row.id === id);
    if (rows.length === 0) {
      const why =
        stats.nativeReason ??
        (stats.mode === 'trace' ? 'nothing got hot enough; see --hot-loop' : `mode ${stats.mode} makes none`);
      const ids = stats.fragments.map((row) => `T${row.id}`).join(', ');
      throw new UserError(
        stats.fragments.length === 0 ? `there are no traces: ${why}` : `there is no trace T${id}; there are ${ids}`,
      );
    }
    if (stage === 'asm') addMachineCode(rows, bytes, emitted);
    for (const row of rows)
      print(`${heading(row)}\n${row.code ? show(row.code).trimEnd() : ';; no code was kept'}\n\n`);
    return status;
  },
};
