/**
 * A thread that compiles modules while the guest goes on. It gets bytes and gives back the host's module, which threads of
 * one process share, so nothing is compiled twice. One thread serves all machines of the thread that started it; each
 * has a channel of its own. Answers are taken synchronously, as the guest does not give control back to the event loop.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import { threadsModule } from '../builtin.ts';

/** What became of a request. `error`: what the host says of the module. */
export interface Answer {
  readonly id: number;
  readonly module: WebAssembly.Module | null;
  readonly error: string;
}

/** Where modules are compiled elsewhere. */
export interface CompileService {
  /** Begins to compile. */
  submit(id: number, bytes: Uint8Array): void;
  /** The next answer, if one is there. */
  poll(): Answer | undefined;
  close(): void;
}

const WORKER = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (port) => {
  port.on('message', ({ id, bytes }) => {
    let module = null;
    let error = '';
    try {
      module = new WebAssembly.Module(bytes);
    } catch (e) {
      error = String(e);
    }
    port.postMessage({ id, module, error });
  });
});
`;

let worker: Worker | null = null;

function theWorker(): Worker {
  if (worker) return worker;
  const made = new (threadsModule().Worker)(WORKER, { eval: true, execArgv: [] });
  made.unref();
  const gone = () => {
    if (worker === made) worker = null;
  };
  made.on('error', gone);
  made.on('exit', gone);
  worker = made;
  return made;
}

/** A channel to the thread, which is started if it does not run. Throws what the host throws where it cannot. */
export function openCompileService(): CompileService {
  const { MessageChannel, receiveMessageOnPort } = threadsModule();
  const { port1, port2 }: { port1: MessagePort; port2: MessagePort } = new MessageChannel();
  theWorker().postMessage(port2, [port2]);
  return {
    submit: (id, bytes) => port1.postMessage({ id, bytes }),
    poll: () => receiveMessageOnPort(port1)?.message,
    close: () => port1.close(),
  };
}
