/**
 * Symbols for Linux perf: the perf map of this process with readable names for code of Wasm. The engine knows where its code
 * is and writes that to /tmp/perf-PID.map when it was started with --perf-basic-prof; here its lines become
 *
 *     32fa1b7a8e80 640 crc32/run [turbofan]
 *
 * (start and size in hexadecimal, then the symbol). The map has to lie where perf looks for it, at /tmp/perf-PID.map.
 */
import { existsSync, readFileSync } from 'node:fs';
import { UserError } from '../errors.ts';
import type { StatsExporter } from './exporter.ts';

/** `JS:name-index-tier` is how the engine writes functions of Wasm. */
const WASM = /^(?:JS|Function|wasm):[~*^]?(.+)-(\d+)-(liftoff|turbofan)$/;

/** The map with readable names. Other lines stay. */
export function perfMap(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const m = /^([0-9a-f]+) ([0-9a-f]+) (.*)$/.exec(line);
      const wasm = m && WASM.exec(m[3] as string);
      return wasm ? `${m[1]} ${m[2]} ${wasm[1]} [${wasm[3]}]` : line;
    })
    .join('\n');
}

export const exporter: StatsExporter = {
  name: 'perf',
  doc: 'symbols for Linux perf (a perf map); the process needs NODE_OPTIONS=--perf-basic-prof',
  extension: 'map',
  from: 'stats',
  write() {
    const map = `/tmp/perf-${process.pid}.map`;
    if (!existsSync(map))
      throw new UserError(
        `--format=perf: the engine writes no ${map}; start with NODE_OPTIONS=--perf-basic-prof (Linux only)`,
      );
    return { '': perfMap(readFileSync(map, 'utf8')) };
  },
};
