/**
 * Raw results: one JSON line a process, appended as soon as it ends, so that an interrupted run goes on where it was.
 * A result counts only while its key holds, which names the machine, the engine, the guest, the tool's sources and options.
 * The tool's sources are in it for plain Node, too: its times are compared with those of the machine, and times of an
 * earlier version would be of another hour.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { runnable } from './config.ts';
import type { Job, Result } from './job.ts';
import { childJob, type RunSettings } from './run.ts';
import type { Workload } from './workload.ts';

export interface KeyParts {
  workload: Workload;
  /** SHA-256 of the guest. */
  guest: string;
  tool: string;
  site: string;
  settings: RunSettings;
}

/** What makes a result obsolete when it changes. Paths do not: the guest's digest stands for its file. */
export function jobKey(job: Job, { workload, guest, tool, site, settings }: KeyParts): string {
  const { flags } = runnable(job.config);
  const { program, ...told } = childJob(job, workload, settings);
  const about = {
    job,
    told,
    kind: program.kind,
    args: program.kind === 'wasi' ? program.args : program.kind === 'export' ? [program.name] : [],
    flags,
    guest,
    site,
    tool,
  };
  return createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 24);
}

/** All results of a file in order; a line cut off by an interruption is skipped. */
export const readResults = (path: string): Result[] => readLines<Result>(path);

/** All values of a file of JSON lines in order, without a line that was cut off. The type is the caller's claim. */
export function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as T];
      } catch {
        // The last line of a run that was killed while writing, or the empty end of the file.
        return [];
      }
    });
}

/**
 * Appends a result. It begins with a line end, so that a line that was cut off does not swallow it.
 */
export function appendResult(path: string, result: object): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `\n${JSON.stringify(result)}`);
}
