/** Runs whose statistics were written to files, read again for reports. */
import { basename } from 'node:path';
import { UserError } from '../errors.ts';
import { readJson } from '../json-file.ts';
import type { Stats } from '../profile/schema.ts';

export interface Recorded {
  /** The file's name without its ending; with several runs in it, followed by the module's. */
  readonly label: string;
  readonly stats: Stats;
}

export const isRecorded = (path: string): boolean => path.endsWith('.json');

/** The runs of a file: what `--stats`, `profile --json` and the drop-in form write. */
export function readRuns(path: string): Recorded[] {
  const json = readJson(path);
  const label = basename(path, '.json');
  const several = (json as { runs?: unknown } | null)?.runs;
  if (Array.isArray(several)) {
    const runs = several.map((stats) => checked(path, stats));
    return runs.map((stats, i) => ({
      label: runs.length === 1 ? label : `${label}: ${stats.module.path?.split(/[\\/]/).at(-1) ?? `module ${i + 1}`}`,
      stats,
    }));
  }
  return [{ label, stats: checked(path, json) }];
}

function checked(path: string, json: unknown): Stats {
  const stats = json as Partial<Stats> | null;
  const whole = stats?.module && stats.options && stats.time_ms && stats.instructions && Array.isArray(stats.fragments);
  if (!whole || stats?.tool?.name !== 'wynamo')
    throw new UserError(`${path} holds no statistics of a run; run --stats=FILE and profile --json write them`);
  if (stats.schema !== 1)
    throw new UserError(`${path} has statistics of schema ${stats.schema}, and this version reads 1`);
  return stats as Stats;
}
