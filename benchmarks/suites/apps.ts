/** Real programs from npm as a suite: each drives its modules by the package's own JavaScript. */
import { fileURLToPath } from 'node:url';
import type { Workload } from '../../src/lab/workload.ts';
import * as hash from '../apps/hash.ts';
import * as quickjs from '../apps/quickjs.ts';

const app = (
  name: string,
  files: readonly string[],
  sizes: Workload['sizes'],
  expected: Workload['expected'],
): Workload => ({
  id: `${name}.app`,
  suite: 'apps',
  tags: ['app'],
  program: { kind: 'app', script: fileURLToPath(new URL(`../apps/${name}.ts`, import.meta.url)) },
  files,
  sizes,
  expected,
});

// biome-ignore format: a row a line
export const workloads: readonly Workload[] = [
  app('quickjs', quickjs.files, { small: 1, medium: 3, large: 30 }, { small: 'c26c26587d37d29b', medium: '438f9562aad233cd', large: '7743b624d8e2708a' }),
  app('hash', hash.files, { small: 1, medium: 30, large: 500 }, { small: '57e29aae4c84734d', medium: 'ee9c044644cc6a81', large: '965e3ea629e1ade7' }),
];
