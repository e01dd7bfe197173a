/** A host function as a genuine function of Wasm, which tables take. */
import { HostInstance, HostModule } from '../host.ts';
import { ModuleBuilder } from '../wasm/builder.ts';

let module: WebAssembly.Module | null = null;

/** A function of one i32 without results. */
export function drainFunction(f: (end: number) => void): unknown {
  if (!module) {
    const b = new ModuleBuilder();
    b.export('f', 'func', b.importFunc('host', 'f', b.type(['i32'], [])));
    module = new HostModule(b.finish());
  }
  return new HostInstance(module, { host: { f } }).exports.f;
}
