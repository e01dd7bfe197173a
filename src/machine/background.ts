/**
 * Fragments that another thread compiles while the interpreter, or the fragment that was there before, goes on. They
 * are installed when the machine comes by: at a trigger or at the end of a slice.
 */

import { type CompileService, openCompileService } from '../emit/worker.ts';

/** A fragment in work. */
interface Job {
  readonly id: number;
  /** Address of the head where it begins, or of the record of the exit behind which it does. */
  readonly place: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Milliseconds by the host's clock when it was given away. */
  readonly since: number;
  /** Installs it. */
  done(module: WebAssembly.Module | null): void;
}

export interface BackgroundStats {
  fragments: number;
  bytes: number;
  /** Milliseconds from giving away to installing, in sum. */
  waiting: number;
  /** Given up before they came: something newer begins there. */
  superseded: number;
}

/**
 * A thread takes some 10 ms of processor time to start, which guests of a few fragments never earn; and small modules are
 * compiled sooner than their bytes are sent and the answer is fetched.
 */
const WORTH = { fragments: 8, bytes: 2048 } as const;

/** Milliseconds after which a thread that does not answer is given up. */
const OVERDUE = 2000;

export class Background {
  readonly stats: BackgroundStats = { fragments: 0, bytes: 0, waiting: 0, superseded: 0 };
  private readonly open: () => CompileService;
  private readonly worth: { readonly fragments: number; readonly bytes: number };
  /** False where everything is compiled in this thread. */
  enabled: boolean;
  private service: CompileService | null = null;
  private readonly jobs = new Map<number, Job>();
  private readonly byPlace = new Map<number, Job>();
  private nextId = 1;

  /** `worth`: fragments before the first one that is given away, and bytes of one. */
  constructor(
    enabled: boolean,
    open: () => CompileService = openCompileService,
    worth: Partial<Background['worth']> = {},
  ) {
    this.enabled = enabled;
    this.open = open;
    this.worth = { ...WORTH, ...worth };
  }

  /** True while something is in work. */
  get busy(): boolean {
    return this.jobs.size > 0;
  }

  /** True where a fragment that begins there is in work: at a head, or behind the exit with that record. */
  has(place: number): boolean {
    return this.byPlace.has(place);
  }

  /** True where a module of that many bytes should be given away, after so many fragments. */
  takes(bytes: number, fragments: number): boolean {
    if (!this.enabled || fragments < this.worth.fragments || bytes < this.worth.bytes) return false;
    try {
      this.service ??= this.open();
      return true;
    } catch {
      // No thread to be had: everything is compiled here.
      this.enabled = false;
      return false;
    }
  }

  /** Gives a module away; `done` gets null when that has failed and it is to be compiled here. */
  submit(place: number, bytes: Uint8Array<ArrayBuffer>, done: Job['done']): void {
    this.supersede(place);
    const job: Job = { id: this.nextId++, place, bytes, since: performance.now(), done };
    this.jobs.set(job.id, job);
    this.byPlace.set(place, job);
    this.service?.submit(job.id, bytes);
  }

  /** What is in work there is not wanted any more. */
  supersede(place: number): void {
    const job = this.byPlace.get(place);
    if (!job) return;
    this.forget(job);
    this.stats.superseded++;
  }

  /** Installs what has come. */
  poll(): void {
    if (this.jobs.size === 0 || !this.service) return;
    for (let answer = this.service.poll(); answer; answer = this.service.poll()) {
      const job = this.jobs.get(answer.id);
      if (job) this.finish(job, answer.module);
    }
    const [oldest] = this.jobs.values();
    if (oldest && performance.now() - oldest.since > OVERDUE) this.giveUp();
  }

  /** The thread does not answer: what is in work is compiled here, as is all that comes. */
  private giveUp(): void {
    const jobs = [...this.jobs.values()];
    this.close();
    for (const job of jobs) this.finish(job, null);
  }

  private finish(job: Job, module: WebAssembly.Module | null): void {
    this.forget(job);
    if (module) {
      this.stats.fragments++;
      this.stats.bytes += job.bytes.length;
    }
    this.stats.waiting += performance.now() - job.since;
    job.done(module);
  }

  private forget(job: Job): void {
    this.jobs.delete(job.id);
    if (this.byPlace.get(job.place) === job) this.byPlace.delete(job.place);
  }

  /** Nothing is given away any more; what is in work stays in the interpreter. */
  close(): void {
    this.enabled = false;
    this.service?.close();
    this.service = null;
    this.jobs.clear();
    this.byPlace.clear();
  }
}
