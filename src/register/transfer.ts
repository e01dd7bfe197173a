/**
 * Modules on their way to other threads. A message with modules in it is sent as a copy in which each module carries its
 * bytes; sending makes a copy anyway, so nobody can tell. Modules are looked for in plain objects and arrays, as deep as
 * messages of real programs have them.
 */
import { BroadcastChannel, MessagePort, Worker } from 'node:worker_threads';
import { carrier } from '../guest/known.ts';
import { HostModule } from '../host.ts';
import { wrap } from '../wrap.ts';

const DEPTH = 4;

/** The message with carriers for modules; the same object where it has none. */
export function withCarriers(message: unknown, depth = DEPTH): unknown {
  if (message instanceof HostModule) return carrier(message);
  if (depth === 0 || typeof message !== 'object' || message === null) return message;
  if (Array.isArray(message)) {
    const copy = message.map((item) => withCarriers(item, depth - 1));
    return copy.some((item, i) => item !== message[i]) ? copy : message;
  }
  const prototype: unknown = Object.getPrototypeOf(message);
  if (prototype !== Object.prototype && prototype !== null) return message;
  const entries = Object.entries(message).map(([key, value]) => [key, withCarriers(value, depth - 1)] as const);
  return entries.some(([key, value]) => value !== (message as Record<string, unknown>)[key])
    ? Object.fromEntries(entries)
    : message;
}

/** The function's first argument is sent. */
function wrapFirst(owner: object, name: string): void {
  wrap(owner, name, {
    apply: (target, self, [message, ...rest]) =>
      Reflect.apply(target, self, [withCarriers(message), ...rest]) as unknown,
  });
}

/** Wraps what sends messages in this realm, and the data that workers begin with. */
export function carryModules(): void {
  wrapFirst(Worker.prototype, 'postMessage');
  wrapFirst(MessagePort.prototype, 'postMessage');
  wrapFirst(BroadcastChannel.prototype, 'postMessage');
  wrapFirst(globalThis, 'structuredClone');
}
