/** All monitors. A monitor that is not here is given by the path of its file. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError, unknownName } from '../errors.ts';
import type { Monitor } from './monitor.ts';
import { monitor as allocation } from './monitors/allocation.ts';
import { monitor as branches } from './monitors/branches.ts';
import { monitor as calls } from './monitors/calls.ts';
import { monitor as contexts } from './monitors/contexts.ts';
import { monitor as coverage } from './monitors/coverage.ts';
import { monitor as hostCalls } from './monitors/host-calls.ts';
import { monitor as hotness } from './monitors/hotness.ts';
import { monitor as loops } from './monitors/loops.ts';
import { monitor as memory } from './monitors/memory.ts';
import { monitor as mix } from './monitors/mix.ts';
import { monitor as pairs } from './monitors/pairs.ts';
import { monitor as values } from './monitors/values.ts';

export const MONITORS: readonly Monitor[] = [
  hotness,
  branches,
  calls,
  contexts,
  loops,
  memory,
  values,
  mix,
  pairs,
  allocation,
  hostCalls,
  coverage,
];

/** The monitors of a list of names and paths (`branches,./mine.ts`). Throws a UserError for what is none. */
export async function loadMonitors(list: string): Promise<Monitor[]> {
  const monitors: Monitor[] = [];
  for (const name of list.split(',').filter((part) => part !== '')) {
    const known = MONITORS.find((m) => m.name === name);
    const monitor = known ?? (/[./\\]/.test(name) ? await loadOwn(name) : undefined);
    if (!monitor)
      throw new UserError(
        `--with: ${unknownName(
          'monitor',
          name,
          MONITORS.map((m) => m.name),
        )}`,
      );
    if (monitors.some((m) => m.name === monitor.name)) throw new UserError(`--with: ${monitor.name} is given twice`);
    monitors.push(monitor);
  }
  if (monitors.length === 0) throw new UserError('--with takes names of monitors with commas between');
  return monitors;
}

async function loadOwn(path: string): Promise<Monitor> {
  if (!existsSync(path)) throw new UserError(`--with: there is no file ${path}`);
  let given: { monitor?: Partial<Monitor>; default?: Partial<Monitor> };
  try {
    given = (await import(pathToFileURL(resolve(path)).href)) as typeof given;
  } catch (error) {
    throw new UserError(`--with: ${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  const monitor = given.monitor ?? given.default;
  if (typeof monitor?.name !== 'string' || typeof monitor.start !== 'function')
    throw new UserError(`--with: ${path} exports no monitor (an object with name, doc, counts and start)`);
  return { doc: path, counts: true, ...monitor } as Monitor;
}
