/**
 * Time by component without timers on hot paths: the machine keeps what it is doing in one word of its memory, and a
 * worker looks at that word every 100 microseconds or so. Samples of fragments are kept by fragment.
 */
import type { Worker } from 'node:worker_threads';
import { threadsModule } from '../builtin.ts';
import { CTL, STATE } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';

/** Requested distance of samples in milliseconds; the host's timer makes it nearer 0.2. */
const PERIOD = 0.1;

/** Samples are kept for this many states; fragments beyond share the last. */
const STATES = 1 << 16;

const WORKER = `
const { workerData } = require('node:worker_threads');
const { memory, counts, address, period, states } = workerData;
const word = new Int32Array(memory, address, 1);
const out = new Int32Array(counts);
const idle = new Int32Array(new SharedArrayBuffer(4));
while (Atomics.load(out, states) === 0) {
  Atomics.wait(idle, 0, 0, period);
  const state = Math.min(Atomics.load(word, 0) >>> 0, states - 1);
  Atomics.add(out, state, 1);
}
`;

export interface Samples {
  /** Samples by component. */
  readonly byState: Record<keyof typeof STATE, number>;
  /** Samples by fragment id; all that were not idle are `total`. */
  readonly byFragment: ReadonlyMap<number, number>;
  readonly total: number;
}

export class Sampler {
  private readonly counts: Int32Array;
  private readonly worker: Worker;

  private constructor(machine: Machine) {
    const shared = new SharedArrayBuffer(4 * (STATES + 1));
    this.counts = new Int32Array(shared);
    this.worker = new (threadsModule().Worker)(WORKER, {
      eval: true,
      execArgv: [],
      workerData: {
        memory: machine.memory.memory.buffer,
        counts: shared,
        address: CTL.state,
        period: PERIOD,
        states: STATES,
      },
    });
    this.worker.unref();
  }

  /** A sampler where the machine was asked to be sampled, null elsewhere. */
  static start(machine: Machine): Sampler | null {
    return machine.sampling ? new Sampler(machine) : null;
  }

  read(): Samples {
    const byFragment = new Map<number, number>();
    const byState = Object.fromEntries(Object.keys(STATE).map((k) => [k, 0])) as Record<keyof typeof STATE, number>;
    const names = Object.entries(STATE) as [keyof typeof STATE, number][];
    let total = 0;
    byState.idle = this.counts[STATE.idle] as number;
    for (let i = STATE.idle + 1; i < STATES; i++) {
      const n = this.counts[i] as number;
      if (n === 0) continue;
      total += n;
      if (i >= STATE.fragment) {
        byFragment.set(i - STATE.fragment, n);
        byState.fragment += n;
      } else {
        const name = names.find(([, v]) => v === i)?.[0];
        if (name) byState[name] += n;
      }
    }
    return { byState, byFragment, total };
  }

  stop(): void {
    Atomics.store(this.counts, STATES, 1);
    void this.worker.terminate();
  }
}
