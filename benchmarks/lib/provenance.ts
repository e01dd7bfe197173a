/** Where a figure comes from: engine, machine, guest and tool, each so that a later reader can tell whether it still holds. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as hash from '../apps/hash.ts';
import * as quickjs from '../apps/quickjs.ts';
import { type Guest, wasmPath } from '../guests/catalogue.ts';
import { CONFIGS } from './configs.ts';
import type { Workload } from './workloads.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Provenance {
  date: string;
  node: string;
  v8: string;
  platform: string;
  cpu: string;
  cores: number;
  memory: number;
  /** Load average of the last minute when the run began. */
  load: number;
  /** Commit of the checkout, with `+` where files differ from it; null outside a repository. */
  commit: string | null;
  /** SHA-256 over the tool's sources. */
  tool: string;
  configs: Record<string, { flags: readonly string[]; mode: string; options: object }>;
}

function digest(paths: readonly string[]): string {
  const sum = createHash('sha256');
  for (const path of paths) sum.update(readFileSync(path));
  return sum.digest('hex');
}

/** SHA-256 over all sources of the tool, in the order of their paths. */
export function toolDigest(): string {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts')).sort();
  return digest(sources.map((name) => join(root, 'src', name)));
}

/** SHA-256 of what a workload runs: its module, or the app's module and script. */
export function workloadDigest(row: Workload): string {
  if (row.build !== 'app') return digest([wasmPath(row as unknown as Guest, row.build)]);
  return digest(row.name === 'quickjs' ? quickjs.files : hash.files);
}

function commit(): string | null {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--', 'src') ? '+' : '');
  } catch {
    return null;
  }
}

export function provenance(tool: string): Provenance {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform}-${process.arch} ${release()}`,
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    load: loadavg()[0] ?? 0,
    commit: commit(),
    tool,
    configs: Object.fromEntries(
      Object.entries(CONFIGS).map(([name, { flags, mode, options }]) => [name, { flags, mode, options }]),
    ),
  };
}
