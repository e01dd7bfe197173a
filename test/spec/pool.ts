/** Runs files of the suite in child processes, a few at a time, each with a time limit. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readJson, type TestFile } from './format.ts';
import type { SpecMode } from './modes.ts';

export interface ChildJob {
  dir: string;
  file: string;
  mode: SpecMode;
  /** Do not run a file with modules that the machine would run natively. */
  covered: boolean;
}

/** What a child says: a number is the index of the command that it runs next. */
export type ChildMessage =
  | number
  | { kind: 'failure'; line: number; why: string }
  | { kind: 'uncovered'; reason: string }
  | {
      kind: 'end';
      skipped: number;
      modules: number;
      nativeModules: number;
      fragments: number;
      reasons: Record<string, number>;
    };

export interface Failure {
  line: number;
  why: string;
}

export interface FileResult {
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  failures: Failure[];
  /** Modules instantiated, and how many of them ran natively because the machine does not cover them. */
  modules: number;
  nativeModules: number;
  /** Fragments that the machine compiled. */
  fragments: number;
  reasons: Record<string, number>;
  /** Why the file was left out by `covered`; null where it ran. */
  uncovered: string | null;
  ms: number;
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** Runs one file. A crash or a hang fails the command in progress and all that come after it. */
export function runFile(job: ChildJob, limitSeconds: number): Promise<FileResult> {
  const { commands } = readJson<TestFile>(job.dir, job.file);
  const started = performance.now();
  const result: FileResult = {
    file: job.file,
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: [],
    modules: 0,
    nativeModules: 0,
    fragments: 0,
    reasons: {},
    uncovered: null,
    ms: 0,
  };
  return new Promise((resolve) => {
    const flags = ['--no-warnings', ...process.execArgv.filter((flag) => !flag.startsWith('--inspect'))];
    const child = spawn(process.execPath, [...flags, CHILD, JSON.stringify(job)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      // Without a cache most of the time of a small file is the removal of types from the sources.
      env: { NODE_COMPILE_CACHE: join(tmpdir(), 'wynamo-compile-cache'), ...process.env },
    });
    let at = -1;
    let ended = false;
    let hung = false;
    let errors = '';
    (child.stderr as Readable).on('data', (text: Buffer) => {
      errors = (errors + text.toString()).slice(-4000);
    });
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
      const message = JSON.parse(line) as ChildMessage;
      if (typeof message === 'number') at = message;
      else if (message.kind === 'failure') result.failures.push({ line: message.line, why: message.why });
      else if (message.kind === 'uncovered') {
        result.uncovered = message.reason;
        ended = true;
      } else {
        const { kind: _, ...figures } = message;
        Object.assign(result, figures);
        ended = true;
      }
    });
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, limitSeconds * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      result.ms = performance.now() - started;
      if (!ended) {
        const why = hung
          ? `hangs (stopped after ${limitSeconds} s)`
          : `the process died (${signal ?? `status ${code}`}): ${lastLines(errors)}`;
        const lost = commands.slice(Math.max(at, 0));
        for (const [i, { line, type }] of lost.entries()) {
          result.failures.push({ line, why: i === 0 ? `${type}: ${why}` : `${type}: not reached` });
        }
      }
      result.failed = result.failures.length;
      if (result.uncovered === null) result.passed = commands.length - result.failed - result.skipped;
      resolve(result);
    });
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(0, 6).join(' / ') || 'no message';
}

/** Runs all files, `jobs` at a time, and tells `done` about each as it ends. Results are in the order of `files`. */
export async function runFiles(
  files: readonly string[],
  options: { dir: string; mode: SpecMode; covered: boolean; jobs: number; limitSeconds: number },
  done: (result: FileResult) => void = () => {},
): Promise<FileResult[]> {
  const results: FileResult[] = new Array(files.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < files.length; i = next++) {
      const job = { dir: options.dir, file: files[i] as string, mode: options.mode, covered: options.covered };
      const result = await runFile(job, options.limitSeconds);
      results[i] = result;
      done(result);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  return results;
}
