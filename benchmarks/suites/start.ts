/** An empty guest: whole processes of it measure what loading the tool costs. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workload } from '../../src/lab/workload.ts';

/** `(module (memory (export "memory") 1) (func (export "_start")))`, by hand. */
// biome-ignore format: a section a line
const EMPTY = Uint8Array.of(
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 4, 1, 0x60, 0, 0,
  3, 2, 1, 0,
  5, 3, 1, 0, 1,
  7, 19, 2, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 0, 6, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0, 0,
  10, 4, 1, 2, 0, 0x0b,
);

const folder = join(tmpdir(), 'wynamo-start');
const module = join(folder, 'empty.wasm');
mkdirSync(folder, { recursive: true });
if (!existsSync(module)) writeFileSync(module, EMPTY);

export const workloads: readonly Workload[] = [
  {
    id: 'empty',
    suite: 'start',
    tags: ['start'],
    program: { kind: 'wasi', module, args: [], dirs: [] },
    files: [module],
    sizes: null,
    expected: null,
  },
];
