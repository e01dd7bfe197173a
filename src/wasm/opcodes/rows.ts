/** All rows. The bundles have them as data that is made when they are built: reading the text takes 4 ms of a start. */
import type { OpRow } from '../row.ts';
import { CONTROL } from './control.ts';
import { MVP } from './mvp.ts';
import { parseRows } from './parse.ts';
import { REFERENCES } from './references.ts';
import { SIMD } from './simd.ts';
import { THREADS } from './threads.ts';

export const ROWS: readonly OpRow[] = [MVP, CONTROL, REFERENCES, SIMD, THREADS].flatMap(parseRows);
