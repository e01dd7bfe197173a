/** All studies: a file and a line each. */
import type { Study } from '../study.ts';
import { everything } from './everything.ts';
import { optimizations } from './optimizations.ts';
import { selection } from './selection.ts';
import { warmup } from './warmup.ts';

export const STUDIES: readonly Study[] = [selection, optimizations, warmup, everything];
