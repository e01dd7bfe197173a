/**
 * `node cpu-prof-child.js CODES-FOLDER FOLDER PATTERN`: waits until its standard input ends, then for the profile in FOLDER
 * whose name matches, and writes it again with the guests' functions. Where that does not come, everything stays as it is.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { GuestCode } from '../deopt/guest-codes.ts';
import { type CpuProfile, guestProfile } from '../deopt/guest-profile.ts';
import { CODES } from './cpu-prof.ts';

/** Milliseconds between two looks, and how many. */
const LOOK = { ms: 20, most: 500 } as const;

const [codesFolder = '', folder = '', pattern = ''] = process.argv.slice(2);
const codes = JSON.parse(readFileSync(join(codesFolder, CODES), 'utf8')) as GuestCode[];
rmSync(codesFolder, { recursive: true });

/** A profile that is complete; null: not yet. */
function read(): { path: string; profile: CpuProfile } | null {
  try {
    const name = readdirSync(folder).find((file) => new RegExp(pattern).test(file));
    if (name === undefined) return null;
    const path = join(folder, name);
    return { path, profile: JSON.parse(readFileSync(path, 'utf8')) as CpuProfile };
  } catch {
    return null;
  }
}

for await (const _ of process.stdin);
let found = read();
for (let i = 0; !found && i < LOOK.most; i++) {
  await setTimeout(LOOK.ms);
  found = read();
}
if (found) {
  // Whoever reads the file meanwhile finds one that is whole.
  const written = `${found.path}.${process.pid}`;
  writeFileSync(written, JSON.stringify(guestProfile(found.profile, codes)));
  renameSync(written, found.path);
}
