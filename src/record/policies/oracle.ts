/**
 * The oracle: selects from an exact profile of the same run, which a first run has written. It knows which heads will be hot
 * and which ways will be taken, so it compiles each hot head when control comes there for the first time, as a region of
 * exactly those ways, and never compiles again. What the other policies lose by waiting, guessing and growing shows beside
 * it. Selection from profiles made beforehand is how trace scheduling chose its traces.
 *
 *     wynamo profile --exact=FILE guest.wasm
 *     wynamo run --policy=oracle --exact-profile=FILE guest.wasm
 */
import { readFileSync } from 'node:fs';
import { rearmExit } from '../../cache/rearm.ts';
import { UserError } from '../../errors.ts';
import { readExact } from '../../profile/exact.ts';
import { ExactWays } from '../exact-ways.ts';
import type { SelectionPolicy } from '../policy.ts';

export const oracle: SelectionPolicy = {
  name: 'oracle',
  doc: 'knows an exact profile of the same run (--exact-profile): hot heads become regions at once, of the ways that will be taken',
  source:
    'selection by complete profiles: Fisher, IEEE Trans. Computers 30(7), 1981, section 3; as the yardstick of predictions: ' +
    'Duesterwald and Bala, ASPLOS 2000, section 4',
  regions: true,
  eager: true,
  params: {
    hot: { default: 60, doc: 'arrivals in the whole run that make a loop head or function entry hot' },
    rare: { default: 512, doc: 'a way belongs to a region when at least one of so many executions takes it' },
  },
  create(machine, { hot = 1, rare = 1 }) {
    const { heads, memory, options, regions } = machine;
    const path = options.exactProfile;
    if (path === '')
      throw new UserError(
        "policy oracle selects from an exact profile: 'wynamo profile --exact=FILE' writes it, --exact-profile=FILE reads it",
      );
    if (!regions.enabled)
      throw new UserError(
        'policy oracle selects regions, which cannot go with --fuel or --max-region=0; leave one out',
      );
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new UserError(`cannot read the exact profile ${path}: ${(error as NodeJS.ErrnoException).code}`);
    }
    const ways = new ExactWays(machine, readExact(text, machine.bytes, path), rare);
    let translated = false;
    /** Callees must have code before a region can contain calls of them. */
    const translateAll = () => {
      translated = true;
      for (const func of ways.executed) machine.ensureTranslated(func);
    };
    return {
      hot(pc) {
        if (!translated) translateAll();
        const arrivals = ways.arrivals(pc);
        if (arrivals < hot) heads.rearm(pc, Number.POSITIVE_INFINITY);
        else {
          const made = regions.exact(pc, ways, arrivals);
          // What is too expensive for the time that the guest has run so far may be cheap enough later.
          heads.rearm(pc, made === 'later' ? heads.count(pc) : Number.POSITIVE_INFINITY);
        }
        return false;
      },
      hotExit(_, exit) {
        rearmExit(memory, exit, Number.POSITIVE_INFINITY);
        return false;
      },
      stopAt: () => true,
      recorded: () => null,
    };
  },
};
