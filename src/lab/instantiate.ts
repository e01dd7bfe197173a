/** The ways to get an instance in a measured process: the host's, with counting code or without, and the machine's. */

import type { Mix } from '../monitor/monitors/mix.ts';
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

/** Bytes to put counting code into. */
export function bytesOf(source: Source): Uint8Array {
  if (source instanceof WebAssembly.Module) throw new Error('a compiled module has no bytes to instrument');
  return source instanceof Uint8Array ? source : new Uint8Array(source);
}

/**
 * Instantiates by the host, or by the machine with those options; the library is loaded only for the machine. Where no
 * counts are wanted the machine runs as it does by default, in its native-first tier. `mixes` gets what tells the instruction
 * mix of each instance that counts natively.
 */
export async function instantiator(
  mode: Config['mode'],
  options: Config['options'],
  counts: boolean,
  mixes: (() => Mix)[] = [],
): Promise<SyncInstantiate> {
  if (mode === 'native') {
    return (source, imports) => ({
      instance: new WebAssembly.Instance(
        source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source as BufferSource),
        imports,
      ),
    });
  }
  if (mode === 'profiled') {
    if (counts) {
      const { openMonitored } = await import('../monitor/open.ts');
      const { monitor } = await import('../monitor/monitors/mix.ts');
      return (source, imports) => {
        const run = openMonitored(bytesOf(source), imports, [monitor]);
        mixes.push(() => run.results().get(monitor.name) as Mix);
        return { instance: run.instance };
      };
    }
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
