/**
 * Ends the process when guest code hangs: a synchronous call cannot be interrupted from its own thread, and a test
 * runner's time limit would wait for ever. A worker looks at a shared word that each watched action sets.
 */
import { Worker } from 'node:worker_threads';

/** Seconds for one watched action. */
const LIMIT = 120;

/** [deadline in seconds since `start`, 0: nothing to watch; length of the label; label...] */
const shared = new Int32Array(new SharedArrayBuffer(1024));
const start = Date.now();
let worker: Worker | null = null;

const CODE = `
  const { workerData: { shared, start, limit } } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  setInterval(() => {
    const deadline = Atomics.load(shared, 0);
    if (deadline === 0 || (Date.now() - start) / 1000 < deadline) return;
    const label = String.fromCharCode(...shared.subarray(2, 2 + shared[1]));
    writeSync(2, '\\nhangs for more than ' + limit + ' s: ' + label + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 500).unref();
  setInterval(() => {}, 1 << 30);`;

/** Runs the action; the process is killed with a message that has the label when it takes too long. */
export function watched<T>(label: string, action: () => T): T {
  if (!worker) {
    worker = new Worker(CODE, { eval: true, workerData: { shared, start, limit: LIMIT } });
    worker.unref();
  }
  const before = Atomics.load(shared, 0);
  const text = [...label].slice(0, 240).map((c) => c.charCodeAt(0));
  shared.set(text, 2);
  shared[1] = text.length;
  Atomics.store(shared, 0, Math.ceil((Date.now() - start) / 1000) + LIMIT);
  try {
    return action();
  } finally {
    Atomics.store(shared, 0, before);
  }
}
