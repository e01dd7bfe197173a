/** The ways to get an instance in a measured process: the host's, with counting code or without, and the machine's. */

import { resolveOptions } from '../options.ts';
import { chooseNativeFirst } from '../osr/choose.ts';
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

/** Results of an instance's monitors by name. */
export type Watched = () => ReadonlyMap<string, unknown>;

/** Bytes to put counting code into. */
export function bytesOf(source: Source): Uint8Array {
  if (source instanceof WebAssembly.Module) throw new Error('a compiled module has no bytes to instrument');
  return source instanceof Uint8Array ? source : new Uint8Array(source);
}

/**
 * Instantiates by the host, or by the machine with those options; the library is loaded only for the machine. Where no
 * counts are wanted the machine runs as it does by default, in its native-first tier. `watched` gets what
 * tells the results of monitors, for each instance that has some.
 */
export async function instantiator(
  mode: Config['mode'],
  options: Config['options'],
  counts: boolean,
  watched: Watched[] = [],
): Promise<SyncInstantiate> {
  if (mode === 'native') {
    return (source, imports) => ({
      instance: new WebAssembly.Instance(
        source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source as BufferSource),
        imports,
      ),
    });
  }
  if (mode === 'monitored' || (mode === 'profiled' && counts)) {
    const { openMonitored } = await import('../monitor/open.ts');
    const { MONITORS } = await import('../monitor/catalogue.ts');
    const monitors = MONITORS.filter(({ name }) => mode === 'monitored' || name === 'mix');
    return (source, imports) => {
      const run = openMonitored(bytesOf(source), imports, monitors);
      watched.push(() => run.results());
      return { instance: run.instance };
    };
  }
  if (mode === 'profiled') {
    const { openInstrumented } = await import('../instrument/open.ts');
    return (source, imports) =>
      openInstrumented(bytesOf(source), imports, { counts: true, home: 'local', observers: [] });
  }
  const { instantiateSync } = await import('../index.ts');
  const settled = resolveOptions({ ...options, mode });
  // A point of a sweep that happens to be the default is none: all points run in the same tier.
  if (counts || (settled.nativeFirst === 'auto' && Object.keys(options).length > 0)) settled.nativeFirst = 'off';
  else chooseNativeFirst(settled);
  return (source, imports) => instantiateSync(source as BufferSource, imports, settled);
}
