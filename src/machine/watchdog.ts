/** Sets the stop word when the guest's time is over. The guest's own thread cannot: it is busy. */
import { threadsModule } from '../builtin.ts';
import { CTL, STOP } from './layout.ts';

const WORKER = `
const { workerData } = require('node:worker_threads');
const { memory, address, value, ms } = workerData;
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
Atomics.store(new Int32Array(memory, address, 1), 0, value);
`;

/** Stops the guest that runs on `memory` after `ms` milliseconds. */
export function startWatchdog(memory: WebAssembly.Memory, ms: number): { stop(): void } {
  const worker = new (threadsModule().Worker)(WORKER, {
    eval: true,
    execArgv: [],
    workerData: { memory: memory.buffer, address: CTL.stop, value: STOP.timeout, ms },
  });
  worker.unref();
  return {
    stop() {
      void worker.terminate();
    },
  };
}
