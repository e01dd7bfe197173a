/**
 * The first of two runs, for configurations that select code by an exact profile: the program makes one call natively, counts
 * everything, and the profile is written for the process that is measured.
 */
import { writeFileSync } from 'node:fs';
import { type CallEdge, monitor as calls } from '../monitor/monitors/calls.ts';
import { openMonitored } from '../monitor/open.ts';
import { exactModule, exactText } from '../profile/exact.ts';
import { bytesOf, type SyncInstantiate } from './instantiate.ts';
import type { ChildJob } from './job.ts';
import { opener } from './program.ts';

/** Writes the exact profile of one call of the program to `path`. */
export async function writeExactProfile(job: ChildJob, path: string): Promise<void> {
  const runs: { bytes: Uint8Array; run: ReturnType<typeof openMonitored> }[] = [];
  const instantiate: SyncInstantiate = (source, imports) => {
    const bytes = bytesOf(source);
    const run = openMonitored(bytes, imports, [calls], { counts: true });
    runs.push({ bytes, run });
    return { instance: run.instance };
  };
  const opened = await (await opener({ ...job, mode: 'profiled' }, instantiate)).open();
  opened.prepare?.();
  opened.call();
  const modules = runs.map(({ bytes, run }) =>
    exactModule(bytes, run.counts(), run.results().get(calls.name) as CallEdge[]),
  );
  writeFileSync(path, exactText(modules));
}
