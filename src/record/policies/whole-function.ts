/**
 * Whole functions, as method compilers select: a function that is entered often enough is compiled with every way taken
 * in it so far. A loop that gets hot while its function runs is compiled from its head, which takes the place of on-stack
 * replacement. Hot exits make the function grow; nothing is recorded.
 */
import { rearmExit } from '../../cache/rearm.ts';
import type { SelectionPolicy } from '../policy.ts';
import { netStop } from '../rules.ts';

/** Executions of a place that is compiled no further, until it is looked at again: that many times more. */
const LATER = 4;

export const wholeFunction: SelectionPolicy = {
  name: 'whole-function',
  doc: 'whole functions with every way taken so far, and hot loops from their heads; no traces',
  source:
    'method compilation by counters: Hölzle and Ungar, PLDI 1994, section 3; loops as in Fink and Qian (OSR), CGO 2003',
  regions: true,
  create(machine) {
    const { regions, heads, memory } = machine;
    return {
      hot(pc) {
        if (!regions.enabled) return true;
        if (!regions.whole(pc)) heads.rearm(pc, LATER * heads.count(pc));
        else if (heads.isPatched(pc)) heads.rearm(pc, heads.count(pc));
        return false;
      },
      hotExit(fragment, exit) {
        if (!regions.enabled) return true;
        if (!regions.hotExit(fragment, exit)) rearmExit(memory, exit, LATER * memory.count(exit.record));
        return false;
      },
      stopAt: netStop,
      recorded: (recording) => machine.compiler.compile(recording),
    };
  },
};
