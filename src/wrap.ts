/**
 * Puts something in the place of a function of the host. What stands there is a proxy, so that name, length, properties,
 * results and errors stay the host's. Only its text would give it away: a proxy of a function prints without a name.
 */
type AnyFunction = (...args: unknown[]) => unknown;

const originals = new WeakMap<object, object>();

/** Replaces `owner[name]`; the property's attributes stay. Gives the proxy; undefined where the host has no such function. */
export function wrap(owner: object, name: string, handler: ProxyHandler<AnyFunction>): unknown {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  if (typeof before?.value !== 'function') return undefined;
  const value = new Proxy(before.value as AnyFunction, handler);
  originals.set(value, before.value as AnyFunction);
  Object.defineProperty(owner, name, { ...before, value });
  return value;
}

/** From now on functions that were or will be wrapped print like those that they stand for. */
export function printLikeHost(): void {
  wrap(Function.prototype, 'toString', {
    apply(target, self: object, args) {
      let original = self;
      for (let next = originals.get(self); next; next = originals.get(next)) original = next;
      return Reflect.apply(target, original, args);
    },
  });
}
