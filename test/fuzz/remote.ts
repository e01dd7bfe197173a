/**
 * Trials in a child process, which is what lets them hang, crash or use up the memory: that is a difference, too.
 *
 *     const remote = new Remote(20);
 *     const answer = await remote.trial({ from: 1234, size: 'normal' });
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Options } from '../../src/index.ts';
import { type Difference, trial } from './differ.ts';
import { SIZES } from './plan.ts';
import type { Decisions } from './source.ts';

export interface Request {
  from: number | Decisions;
  size: keyof typeof SIZES;
  /** The configurations of the seed when absent. */
  options?: readonly Partial<Options>[];
}

export interface Answer {
  differences: Difference[];
  decisions: Decisions;
  bytes: number[];
  calls: string[];
  fragments: number;
  inFragments: number;
}

/** What a child that did not answer did instead. */
export interface Failure {
  failure: string;
}

export class Remote {
  private child: ChildProcess | null = null;
  private readonly limitSeconds: number;

  constructor(limitSeconds: number) {
    this.limitSeconds = limitSeconds;
  }

  trial(request: Request): Promise<Answer | Failure> {
    const child = (this.child ??= fork(fileURLToPath(import.meta.url), ['--trials'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--no-warnings', ...process.execArgv],
    }));
    return new Promise((resolve) => {
      let errors = '';
      const onError = (text: Buffer) => {
        errors = (errors + text.toString()).slice(-2000);
      };
      const done = (answer: Answer | Failure) => {
        clearTimeout(timer);
        child.removeAllListeners('message');
        child.removeAllListeners('exit');
        child.stderr?.removeAllListeners('data');
        resolve(answer);
      };
      const timer = setTimeout(() => {
        this.stop();
        done({ failure: `hangs (stopped after ${this.limitSeconds} s)` });
      }, this.limitSeconds * 1000);
      child.stderr?.on('data', onError);
      child.once('message', (answer) => done(answer as Answer | Failure));
      child.once('exit', (code, signal) => {
        this.child = null;
        done({ failure: `the process died (${signal ?? `status ${code}`}): ${errors.trim().slice(0, 400)}` });
      });
      child.send(request);
    });
  }

  /** Ends the child; the next trial starts another. */
  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
  }
}

function answer({ from, size, options }: Request): Answer {
  const { module, decisions, differences, fragments, inFragments } = trial(from, SIZES[size], options);
  return { differences, decisions, bytes: [...module.bytes], calls: module.calls, fragments, inFragments };
}

if (process.argv[2] === '--trials' && process.send) {
  process.on('message', (request: Request) => {
    try {
      process.send?.(answer(request));
    } catch (error) {
      process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}
