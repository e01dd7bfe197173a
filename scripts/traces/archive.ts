/**
 * The archive of recorded traces in `traces/`: for some shipped guests, every linear trace that the default thresholds
 * select, as text. Traces follow from counts alone, so the files change only when recording or a guest does.
 */
import { readFileSync } from 'node:fs';
import { GUESTS, guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiateSync } from '../../src/index.ts';

/** Guests whose traces are kept, in both builds: each shows another shape of trace. */
export const ARCHIVED = ['crc32', 'sieve', 'matmul', 'fib', 'queens', 'indirect', 'bytecode', 'callbacks'] as const;

export interface ArchivedTraces {
  /** Name of the file in `traces/`. */
  readonly file: string;
  readonly text: string;
}

/** Runs the guests and gives the files as they should be. */
export function recordArchive(names: readonly string[] = ARCHIVED): ArchivedTraces[] {
  for (const name of names) guest(name);
  return GUESTS.filter((row) => names.includes(row.name)).flatMap((row) =>
    row.builds.map((build) => {
      const host = makeImports(row);
      const bytes = new Uint8Array(readFileSync(wasmPath(row, build)));
      // Regions are made of the same recordings; without them the archive shows the policy's own choice.
      const options = { mode: 'trace', maxRegion: 0, compileFree: 200, keepCode: true } as const;
      const { instance, machine } = instantiateSync(bytes, host.imports, options);
      host.attach(instance.exports);
      (instance.exports.run as (n: number) => unknown)(row.sizes.small);
      const traces = machine.stats().fragments.map((f) => f.code?.trace.trimEnd() ?? '');
      machine.dispose();
      return { file: `${row.name}.${build}.trace`, text: `${traces.join('\n\n')}\n` };
    }),
  );
}
