/**
 * What `run --state=FILE` writes: why the guest stopped, and its exact state there. It is the same in every mode of the
 * machine, so two files can be compared.
 *
 *     { "schema": 1, "ended": "trap", "status": 134, "message": "trap: divide by zero at $div+0x2a",
 *       "state": { "frames": [{ "func": 3, "name": "div", "offset": 42, "locals": ["i32:1", "i32:0"], ... }], ... } }
 */
import type { StateDump } from '../deopt/state.ts';
import { UserError } from '../errors.ts';
import type { GuestRun } from './guest.ts';
import { STATUSES } from './status.ts';

export interface StateFile {
  schema: 1;
  /** `returned`: the call was over; `exited`: the guest asked to end, from where `state` says. */
  ended: 'returned' | 'exited' | 'trap' | 'fuel' | 'timeout' | 'memory';
  status: number;
  /** The line for standard error; null for a guest that ended by itself. */
  message: string | null;
  state: StateDump;
}

/** Throws a UserError where there is no state, because the module ran natively or not at all. */
export function stateFile({ machine, outcome, path }: GuestRun): StateFile {
  const state = machine?.state() ?? null;
  if (!state) {
    const why = machine
      ? (machine.nativeReason ?? 'with --mode=native nothing sees it')
      : `${path} ended before it was instantiated`;
    throw new UserError(`--state: the state of the guest is not known: ${why}`);
  }
  // The guest has stopped, so what fragments have executed is known as well.
  const { total } = machine!.stats().instructions;
  return {
    schema: 1,
    ended: endOf(outcome, state),
    status: outcome.status,
    message: outcome.message ?? null,
    state: { ...state, instructions: total },
  };
}

function endOf({ status, message }: GuestRun['outcome'], state: StateDump): StateFile['ended'] {
  if (message === undefined) return state.frames.length === 0 ? 'returned' : 'exited';
  return (['fuel', 'timeout', 'memory'] as const).find((name) => status === STATUSES[name].code) ?? 'trap';
}
