/**
 * What programs see of an instance's exports. `exports` is an accessor of the prototype, so it is replaced there: the
 * instance itself gets no property that a genuine one has not.
 */
import { HostInstance } from '../host.ts';

const visible = new WeakMap<object, object>();
let patched = false;

/** From now on, `instance.exports` is that object. */
export function showExports(instance: WebAssembly.Instance, exports: object): void {
  visible.set(instance, exports);
  if (!patched) patch();
  patched = true;
}

function patch(): void {
  const { prototype } = HostInstance;
  const accessor = Object.getOwnPropertyDescriptor(prototype, 'exports');
  if (!accessor?.get) throw new Error('the host has no accessor WebAssembly.Instance.prototype.exports');
  const get = new Proxy(accessor.get, {
    apply: (target, self: object, args) => visible.get(self) ?? (Reflect.apply(target, self, args) as object),
  });
  Object.defineProperty(prototype, 'exports', { ...accessor, get });
}
