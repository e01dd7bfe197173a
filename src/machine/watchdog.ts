/**
 * Sets the stop word when the guest's time is over, or now and then so that somebody can look at the figures. The guest's own
 * thread cannot: it is busy.
 */
import { threadsModule } from '../builtin.ts';
import { CTL, STOP } from './layout.ts';

const WORKER = `
const { workerData } = require('node:worker_threads');
const { memory, address, value, ms } = workerData;
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
Atomics.store(new Int32Array(memory, address, 1), 0, value);
`;

/** Asks again and again, but never in the way of another wish. */
const LOOKER = `
const { workerData } = require('node:worker_threads');
const { memory, address, none, value, ms } = workerData;
const never = new Int32Array(new SharedArrayBuffer(4));
const stop = new Int32Array(memory, address, 1);
for (;;) {
  Atomics.wait(never, 0, 0, ms);
  Atomics.compareExchange(stop, 0, none, value);
}
`;

/** Lets the guest that runs on `memory` come to its driver every `ms` milliseconds. */
export function startLooking(memory: WebAssembly.Memory, ms: number): { stop(): void } {
  return work(LOOKER, { memory: memory.buffer, address: CTL.stop, none: STOP.none, value: STOP.look, ms });
}

/** Stops the guest that runs on `memory` after `ms` milliseconds. */
export function startWatchdog(memory: WebAssembly.Memory, ms: number): { stop(): void } {
  return work(WORKER, { memory: memory.buffer, address: CTL.stop, value: STOP.timeout, ms });
}

function work(code: string, workerData: object): { stop(): void } {
  const worker = new (threadsModule().Worker)(code, { eval: true, execArgv: [], workerData });
  worker.unref();
  return {
    stop() {
      void worker.terminate();
    },
  };
}
