/** The runs of an explorer: each a process of its own, one at a time, with the figures that it last gave. */
import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Stats } from '../profile/schema.ts';

/** What the process of a run says. */
export type Message =
  | { kind: 'look'; stats: Stats }
  | { kind: 'end'; stats: Stats | null; status: number; message: string | null };

export interface Run {
  readonly id: number;
  /** Flags of the machine, as on the command line. */
  readonly flags: readonly string[];
  state: 'running' | 'done' | 'stopped' | 'failed';
  status: number | null;
  message: string | null;
  stats: Stats | null;
  /** Rises with the figures. */
  version: number;
}

const child = fileURLToPath(new URL(`child${extname(import.meta.url)}`, import.meta.url));

export class Runs {
  readonly list: Run[] = [];
  private readonly guest: readonly string[];
  private process: ChildProcess | null = null;

  /** `guest`: flags of the guest, its file, `--`, and its arguments. */
  constructor(guest: readonly string[]) {
    this.guest = guest;
  }

  get running(): Run | null {
    const last = this.list.at(-1);
    return last?.state === 'running' ? last : null;
  }

  /** Starts a run; null while another one goes on. */
  start(flags: readonly string[]): Run | null {
    if (this.running) return null;
    const id = this.list.length + 1;
    const run: Run = { id, flags, state: 'running', status: null, message: null, stats: null, version: 0 };
    this.list.push(run);
    const process_ = spawn(process.execPath, [...process.execArgv, child, ...flags, ...this.guest], {
      stdio: ['ignore', 2, 'pipe', 'pipe'],
    });
    this.process = process_;
    let errors = '';
    (process_.stderr as Readable).setEncoding('utf8').on('data', (text: string) => {
      process.stderr.write(text);
      errors = (errors + text).slice(-2000);
    });
    createInterface({ input: process_.stdio[3] as Readable }).on('line', (line) =>
      take(run, JSON.parse(line) as Message),
    );
    process_.on('close', (status, signal) => {
      if (run.state !== 'running') return;
      run.state = signal === 'SIGTERM' ? 'stopped' : 'failed';
      run.status = status;
      run.message = errors.trim().split('\n').at(-1) || (signal ? `ended by ${signal}` : null);
      run.version++;
    });
    return run;
  }

  /** Ends the run in progress. */
  stop(): void {
    if (this.running) this.process?.kill('SIGTERM');
  }
}

function take(run: Run, message: Message): void {
  run.version++;
  if (message.stats) run.stats = message.stats;
  if (message.kind === 'look') return;
  run.state = 'done';
  run.status = message.status;
  run.message = message.message;
}
