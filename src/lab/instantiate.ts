/** The two ways to get an instance in a measured process: the host's, and the machine's. */
import type { Stats } from '../profile/schema.ts';
import type { Config } from './config.ts';

export type Source = ArrayBuffer | Uint8Array | WebAssembly.Module;

/** The part of the machine that is measured. */
export interface Machine {
  stats(): Stats;
  dispose(): void;
}

export type SyncInstantiate = (
  source: Source,
  imports?: WebAssembly.Imports,
) => { instance: WebAssembly.Instance; machine?: Machine };

/** Instantiates by the host, or by the machine with those options; the library is loaded only for the machine. */
export async function instantiator(mode: Config['mode'], options: Config['options']): Promise<SyncInstantiate> {
  if (mode === 'native') {
    return (source, imports) => ({
      instance: new WebAssembly.Instance(
        source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source as BufferSource),
        imports,
      ),
    });
  }
  const { instantiateSync } = await import('../index.ts');
  return (source, imports) => instantiateSync(source as BufferSource, imports, { ...options, mode });
}
