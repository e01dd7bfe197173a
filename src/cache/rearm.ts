/** When an exit is next asked about. */
import { EXIT } from '../machine/layout.ts';
import type { MachineMemory } from '../machine/memory.ts';
import type { FragmentExit } from './fragment.ts';

/** After `more` further times that it is taken; never where that is not finite. */
export function rearmExit(memory: MachineMemory, exit: FragmentExit, more: number): void {
  const count = memory.count(exit.record + EXIT.count);
  const trigger = Number.isFinite(more) ? BigInt(count + Math.max(1, Math.round(more))) : -1n;
  memory.setLong(exit.record + EXIT.trigger, trigger);
}
