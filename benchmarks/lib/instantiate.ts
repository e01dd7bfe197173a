/** The two ways to get an instance in a measured process: the host's, and the machine's. */

import type { Stats } from '../../src/profile/schema.ts';
import type { Mode } from './configs.ts';

export type Source = ArrayBuffer | Uint8Array | WebAssembly.Module;

/** The part of the machine that is measured. */
export interface Machine {
  stats(): Stats;
}

export type SyncInstantiate = (
  source: Source,
  imports?: WebAssembly.Imports,
) => { instance: WebAssembly.Instance; machine?: Machine };

/** The library's entry; a variable, so that a process that measures native code does not load it. */
const library: string = '../../src/index.ts';

/** Instantiates by the host, or by the machine in that mode with those options. */
export async function instantiator(
  mode: Mode,
  options: Readonly<Record<string, string | number | boolean>>,
): Promise<SyncInstantiate> {
  if (mode === 'native') {
    return (source, imports) => ({
      instance: new WebAssembly.Instance(
        source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source),
        imports,
      ),
    });
  }
  const { instantiateSync } = await import(library);
  return (source, imports) => instantiateSync(source, imports, { mode, ...options });
}
