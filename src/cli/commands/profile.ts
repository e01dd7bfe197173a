/** `wynamo profile`: hot functions, loops and traces as text or JSON, or in a format that others read. */
import { UserError, unknownName } from '../../errors.ts';
import { EXPORTERS } from '../../export/catalogue.ts';
import type { Exporter, Files, Subject } from '../../export/exporter.ts';
import { type CallEdge, monitor as calls } from '../../monitor/monitors/calls.ts';
import { type ContextNode, monitor as contexts } from '../../monitor/monitors/contexts.ts';
import { toolVersion } from '../../profile/collect.ts';
import { countedStats } from '../../profile/counted.ts';
import { exactModule, exactText } from '../../profile/exact.ts';
import { addSource } from '../../source/annotate.ts';
import { guestSource } from '../../source/source.ts';
import { decodeModule } from '../../wasm/decode.ts';
import { runAndCollect, TOOL_FLAGS } from '../collect.ts';
import type { Command } from '../command.ts';
import { type Parsed, wholeNumber } from '../flag.ts';
import { runMonitored } from '../monitored.ts';
import { checkOutput, print, writeFiles } from '../output.ts';
import { profileText } from '../profile-text.ts';

export const command: Command = {
  usage: '[options] FILE [-- guest arguments]',
  about:
    'Runs a module and prints where it spent its instructions: functions, loops and traces by exact counts, with byte ' +
    "offsets in the module. The guest's standard output goes to standard error.",
  flags: [
    ...TOOL_FLAGS,
    { flag: 'json', doc: 'prints all statistics as JSON instead' },
    { flag: 'top', value: 'N', doc: 'rows of each table (20)' },
    {
      flag: 'fast',
      doc: 'runs natively with counting code in the guest: the same functions and loops, and branches; no traces',
    },
    {
      flag: 'exact',
      value: 'FILE',
      doc: 'like --fast, and writes the exact profile that --policy=oracle --exact-profile=FILE selects from',
    },
    {
      flag: 'format',
      value: 'NAME',
      doc: `writes the profile for others to read: ${EXPORTERS.map((e) => e.name).join(', ')} (see wynamo list formats)`,
    },
    { flag: 'output', short: 'o', value: 'FILE', doc: 'file for --format (profile. and the usual ending)' },
  ],
  async run(parsed) {
    const top = wholeNumber('--top', parsed.own.get('top')?.[0] ?? '20', 1);
    const format = parsed.own.get('format')?.[0];
    if (format !== undefined) return write(parsed, exporterByName(format));
    if (parsed.own.has('output')) throw new UserError('-o needs --format=NAME');
    const { stats, status } =
      parsed.own.has('fast') || parsed.own.has('exact') ? await runCounted(parsed) : await runAndCollect(parsed);
    print(parsed.own.has('json') ? `${JSON.stringify(stats, null, 1)}\n` : profileText(stats, top));
    return status;
  },
};

function exporterByName(name: string): Exporter {
  const exporter = EXPORTERS.find((e) => e.name === name);
  if (!exporter)
    throw new UserError(
      `--format: ${unknownName(
        'format',
        name,
        EXPORTERS.map((e) => e.name),
      )}`,
    );
  return exporter;
}

/** Statistics of a native run that counts. */
async function runCounted(parsed: Parsed) {
  parsed.options.mode = 'native';
  const exact = parsed.own.get('exact')?.[0];
  if (exact !== undefined) checkOutput(exact);
  const started = performance.now();
  const { run, guest, status } = await runMonitored(parsed, exact === undefined ? [] : [calls], { counts: true });
  if (exact !== undefined) {
    const edges = run.results().get(calls.name) as CallEdge[];
    writeFiles(exact, { '': exactText([exactModule(guest.bytes, run.counts(), edges)]) });
  }
  const stats = countedStats(guest.bytes, run.counts(), parsed.options, performance.now() - started);
  stats.module.path = guest.path;
  addSource(stats, guest.bytes);
  return { stats, status };
}

async function write(parsed: Parsed, exporter: Exporter): Promise<number> {
  const output = parsed.own.get('output')?.[0] ?? `profile.${exporter.extension}`;
  checkOutput(output);
  const subject = (path: string): Subject => ({ path, output, version: toolVersion() });
  let files: Files;
  let status: number;
  if (exporter.from === 'stats') {
    const ran = await runAndCollect(parsed);
    ({ status } = ran);
    files = exporter.write(ran.stats, subject(ran.stats.module.path ?? 'module'));
  } else {
    const ran = await runMonitored(parsed, [contexts], { counts: true });
    ({ status } = ran);
    const { bytes, path } = ran.guest;
    const module = decodeModule(bytes);
    const counted = {
      bytes,
      module,
      source: guestSource(module, path),
      contexts: ran.run.results().get(contexts.name) as ContextNode[],
      counts: ran.run.counts(),
    };
    files = exporter.write(counted, subject(path));
  }
  writeFiles(output, files);
  for (const suffix of Object.keys(files)) print(`wrote ${output}${suffix}\n`, 2);
  return status;
}
