/**
 * Raw results: one JSON line a process, appended as soon as it ends, so that an interrupted run goes on where it was.
 * A result counts only while its key holds, which names the engine, the guest, and for the machine's own
 * configurations the tool's sources and options.
 */

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CONFIGS } from './configs.ts';
import type { Job, Result } from './job.ts';

/** What makes a result obsolete when it changes. */
export function jobKey(job: Job, workloadDigest: string, tool: string): string {
  const config = CONFIGS[job.config];
  const about = {
    job,
    config: { flags: config.flags, mode: config.mode, options: config.options },
    node: process.version,
    workloadDigest,
    tool: config.mode === 'native' ? '' : tool,
  };
  return createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 24);
}

/** All results of a file by key; a line cut off by an interruption is skipped. */
export function loadResults(path: string): Map<string, Result> {
  const results = new Map<string, Result>();
  if (!existsSync(path)) return results;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    try {
      const result = JSON.parse(line) as Result;
      results.set(result.key, result);
    } catch {
      // The last line of a run that was killed while writing, or the empty end of the file.
    }
  }
  return results;
}

export function appendResult(path: string, result: Result): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify(result)}\n`);
}
