/**
 * Next executing tail, also called most recently executed tail (MRET): when a head is hot, the path that is executed next
 * is taken for the hot one. Heads are loop heads, function entries and exits of traces; counters stand only there.
 *
 * Two things are Wasm's. Heads are loop heads instead of targets of backward branches, which is the same set since Wasm
 * jumps backwards to loops only; and function entries take the place of targets of backward calls.
 */
import type { SelectionPolicy } from '../policy.ts';
import { netStop } from '../rules.ts';

export const net: SelectionPolicy = {
  name: 'net',
  doc: 'next executing tail: the path executed when a head becomes hot; linear traces only',
  source: 'Duesterwald and Bala, ASPLOS 2000, section 3; Bala, Duesterwald and Banerjia (Dynamo), PLDI 2000, section 3',
  regions: false,
  create: (machine) => ({
    hot: () => true,
    hotExit: () => true,
    stopAt: netStop,
    recorded: (recording) => machine.compiler.compile(recording),
  }),
};
