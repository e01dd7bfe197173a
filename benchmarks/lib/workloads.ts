/**
 * Everything that can be measured, under one interface: each build of each guest, and the apps. A workload is opened in
 * the process that is measured and then called with the argument of a size; it gives its result as text.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Instantiate } from '../apps/instantiate.ts';
import { type Build, GUESTS, type Guest, type Size, wasmPath } from '../guests/catalogue.ts';
import { makeImports } from '../guests/imports.ts';
import type { Machine, SyncInstantiate } from './instantiate.ts';

export interface Workload {
  /** `crc32.O3`, `collatz.wat`, `quickjs.app`. */
  id: string;
  name: string;
  build: Build | 'app';
  tags: readonly string[];
  sizes: Record<Size, number>;
  expected: Record<Size, string>;
}

/** What a measured process holds: a function to call, and the machines behind it (none natively). */
export interface Opened {
  call(n: number): string;
  machines: Machine[];
}

const APPS = {
  quickjs: {
    sizes: { small: 1, medium: 3, large: 30 },
    expected: { small: 'c26c26587d37d29b', medium: '438f9562aad233cd', large: '7743b624d8e2708a' },
  },
  hash: {
    sizes: { small: 1, medium: 30, large: 500 },
    expected: { small: '57e29aae4c84734d', medium: 'ee9c044644cc6a81', large: '965e3ea629e1ade7' },
  },
} as const satisfies Record<string, Pick<Workload, 'sizes' | 'expected'>>;

export const WORKLOADS: readonly Workload[] = [
  ...GUESTS.flatMap((row) => row.builds.map((build) => ({ ...row, id: `${row.name}.${build}`, build }))),
  ...Object.entries(APPS).map(([name, app]) => ({
    ...app,
    id: `${name}.app`,
    name,
    build: 'app' as const,
    tags: ['app'],
  })),
];

export function workload(id: string): Workload {
  const row = WORKLOADS.find((w) => w.id === id);
  if (!row) throw new Error(`no workload '${id}'`);
  return row;
}

/** A long text result in short. */
const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Instantiates a workload through `instantiate`. */
export async function open(row: Workload, instantiate: SyncInstantiate): Promise<Opened> {
  const machines: Machine[] = [];
  if (row.build === 'app') {
    const through: Instantiate = async (source, imports) => {
      const made = instantiate(source, imports);
      if (made.machine) machines.push(made.machine);
      return made;
    };
    const app = await import(`../apps/${row.name}.ts`);
    const run: (scale: number) => string = await app.open(through);
    return { call: (n) => short(run(n)), machines };
  }
  const guest = row as unknown as Guest;
  const host = makeImports(guest);
  const { instance, machine } = instantiate(readFileSync(wasmPath(guest, row.build)), host.imports);
  if (machine) machines.push(machine);
  host.attach(instance.exports);
  const run = instance.exports.run as (n: number) => number | bigint;
  return { call: (n) => String(run(n)), machines };
}
