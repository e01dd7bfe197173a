/** Where a figure comes from: engine, machine, guest and tool, each so that a later reader can tell whether it still holds. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Config, configOf, isBest } from './config.ts';

/** `src/` in a checkout, `dist/` in an installed package. */
const sources = fileURLToPath(new URL('../', import.meta.url));

export interface Provenance {
  date: string;
  node: string;
  v8: string;
  platform: string;
  cpu: string;
  cores: number;
  /** Bytes. */
  memory: number;
  /** Load average of the last minute when the run began. */
  load: number;
  /** Commit of the checkout, with `+` where files differ from it; null outside a repository. */
  commit: string | null;
  /** SHA-256 over the tool's sources. */
  tool: string;
  configs: Record<string, Pick<Config, 'flags' | 'mode' | 'options'> | { best: readonly string[] }>;
}

function digest(paths: readonly string[]): string {
  const sum = createHash('sha256');
  for (const path of paths) sum.update(readFileSync(path));
  return sum.digest('hex');
}

/**
 * SHA-256 over all sources of the tool that a guest can notice, in the order of their paths: a change of this instrument,
 * the command line or the report makes no result obsolete.
 */
export function toolDigest(): string {
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const own = names.filter((name) => /\.[tj]s$/.test(name) && !/^(lab|stats|cli|report|register)\//.test(name)).sort();
  return digest(own.map((name) => sources + name));
}

/** SHA-256 of what a workload runs. */
export const filesDigest = (files: readonly string[]): string => digest(files);

/** Machine and engine in a line: results from different ones are not mixed. */
export function siteName(): string {
  const [cpu] = cpus();
  return [
    `Node ${process.version.slice(1)}`,
    `V8 ${process.versions.v8}`,
    `${process.platform}-${process.arch}`,
    cpu?.model.trim() || 'unknown processor',
    `${cpus().length} cores`,
  ].join(', ');
}

function commit(): string | null {
  // A process that is killed here must not leave a lock of the repository behind.
  const git = (...args: string[]) =>
    execFileSync('git', ['--no-optional-locks', ...args], { cwd: sources, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--', '.') ? '+' : '');
  } catch {
    return null;
  }
}

export function provenance(tool: string, configs: readonly string[]): Provenance {
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
      configs.map((name) => {
        const config = configOf(name);
        if (isBest(config)) return [name, { best: config.best }];
        const { flags, mode, options } = config;
        return [name, { flags, mode, options }];
      }),
    ),
  };
}
