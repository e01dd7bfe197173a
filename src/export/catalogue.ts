/** All formats. A format that is not here does not exist. */
import { exporter as callgrind } from './callgrind.ts';
import { exporter as cpuprofile } from './cpuprofile.ts';
import type { Exporter } from './exporter.ts';
import { exporter as firefox } from './firefox.ts';
import { exporter as folded } from './folded.ts';
import { exporter as json } from './json.ts';
import { exporter as lcov } from './lcov.ts';
import { exporter as perf } from './perf.ts';
import { exporter as pprof } from './pprof.ts';
import { exporter as remarks } from './remarks.ts';
import { exporter as speedscope } from './speedscope.ts';

export const EXPORTERS: readonly Exporter[] = [
  speedscope,
  cpuprofile,
  firefox,
  folded,
  pprof,
  callgrind,
  lcov,
  remarks,
  perf,
  json,
];
