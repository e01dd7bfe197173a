/** The first of two runs: an exact profile of a guest, in a file. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallEdge, monitor as calls } from '../../src/monitor/monitors/calls.ts';
import { openMonitored } from '../../src/monitor/open.ts';
import { type ExactModule, exactModule, exactText } from '../../src/profile/exact.ts';
import type { Host } from '../modes/harness.ts';

/** The profile of what `run` does with the guest. It may trap. */
export function profiled(bytes: Uint8Array, host: Host, run: (exports: WebAssembly.Exports) => void): ExactModule {
  const watched = openMonitored(Uint8Array.from(bytes), host.imports, [calls], { counts: true });
  host.attach?.(watched.instance.exports);
  try {
    run(watched.instance.exports);
  } catch (error) {
    watched.unwound(error);
  }
  const found = exactModule(bytes, watched.counts(), watched.results().get(calls.name) as CallEdge[]);
  watched.dispose();
  return found;
}

/** A file with that profile, in a folder that the caller removes. */
export function profileFile(profile: ExactModule): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wynamo-exact-'));
  const path = join(folder, 'exact.json');
  writeFileSync(path, exactText([profile]));
  return { folder, path };
}
