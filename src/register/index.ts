/**
 * `node --import wynamo/register app.js`: the program's WebAssembly runs under Wynamo. Settings come from the environment,
 * see `settings.ts`; a program that goes on can be controlled by signals and by what this exports. Worker threads inherit the flag, child processes inherit it through NODE_OPTIONS.
 */
import { setFlagsFromString } from 'node:v8';
import { guestCodes } from '../deopt/guest-codes.ts';
import { type CpuProfile, guestProfile as profileOf } from '../deopt/guest-profile.ts';
import { showOwnFrames } from '../deopt/stacks.ts';
import { UserError } from '../errors.ts';
import { chooseNativeFirst } from '../osr/choose.ts';
import { install } from './api.ts';
import { controlOf, listen } from './control.ts';
import { showGuestsInProfile } from './cpu-prof.ts';
import { writeAtEnd } from './ending.ts';
import { Guests } from './guests.ts';
import { readSettings, type Settings } from './settings.ts';
import { carryModules } from './transfer.ts';

function settingsOrEnd(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`wynamo: ${error.message}\n`);
    process.exit(2);
  }
}

const settings = settingsOrEnd();
// Who sets signals or begins detached will ask for figures later.
const wanted = settings.report || settings.stats || settings.signals.length > 0 || settings.detached;
if (wanted) settings.options.sample = !settings.options.deterministic;
else chooseNativeFirst(settings.options);
// The list of flags is plain JavaScript, which the `wynamo` command reads under any Node.
const engine = (await import(new URL('../../bin/engine.mjs', import.meta.url).href)) as {
  V8_FLAGS: string[];
  missingFlags(flags: readonly string[], given: readonly string[]): string[];
  givenFlags(): string[];
};
// The host keeps its own modules compiled for its default flags only: what loads behind a change is compiled anew.
performance.now();
for (const flag of engine.missingFlags(engine.V8_FLAGS, engine.givenFlags())) setFlagsFromString(flag);
const guests = new Guests(settings);
install(guests);
showOwnFrames();
carryModules();
writeAtEnd(guests);
showGuestsInProfile();
const control = controlOf(guests);
listen(control, settings.signals);

/** Guests that are made from now on run under the machine; natively after `detach`. */
export const { attach, detach, reset, dump } = control;

/** A profile of the host's inspector with the guests' own functions, as `--cpu-prof` writes them. */
export const guestProfile = <P extends CpuProfile>(profile: P): P => profileOf(profile, guestCodes());
