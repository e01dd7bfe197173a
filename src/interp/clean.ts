/**
 * Nothing of the machine keeps alive what the guest has dropped. References live in side tables beside the frame stack,
 * where popped frames leave them. CTL.refTop is an upper bound of what may be left: entered frames raise it, and what lies
 * above the stack is cleared when an activation ends, at the end of each slice and after some entries of fragments.
 */
import { CTL } from '../machine/layout.ts';
import { CodeWriter } from '../wasm/code.ts';
import type { ValType } from '../wasm/row.ts';
import { splitRef } from '../wasm/types.ts';

/** (from: i32, to: i32) -> (): clears the slots between two machine addresses. `sides`: table index by type. */
export function clearFunction(sides: ReadonlyMap<ValType, number>): CodeWriter {
  const c = new CodeWriter();
  const index = (local: number) => c.op('local.get', local).op('i32.const', 3).op('i32.shr_u');
  for (const [type, table] of sides) {
    index(0).op('ref.null', splitRef(type)?.heap);
    index(1);
    index(0).op('i32.sub').op('table.fill', table);
  }
  return c;
}

/** (entries: i32) -> (): makes the side tables that long. */
export function reachFunction(sides: ReadonlyMap<ValType, number>): CodeWriter {
  const c = new CodeWriter();
  for (const [type, table] of sides) {
    const more = () => c.op('local.get', 0).op('table.size', table).op('i32.sub');
    more().op('i32.const', 0).op('i32.gt_s').op('if', 'void').op('ref.null', splitRef(type)?.heap);
    more()
      .op('table.grow', table)
      .op('i32.const', -1)
      .op('i32.eq')
      .op('if', 'void')
      .op('unreachable')
      .op('end')
      .op('end');
  }
  return c;
}

/** (from: i32) -> (): clears all slots from that machine address on. `clear`: the function above. */
export function cleanFunction(clear: number, memory: number): CodeWriter {
  const c = new CodeWriter();
  const bound = () => c.op('i32.const', 0).op('i32.load', memory, CTL.refTop);
  bound().op('local.get', 0).op('i32.le_u').op('if', 'void').op('return').op('end');
  c.op('local.get', 0);
  bound().op('call', clear);
  return c.op('i32.const', 0).op('local.get', 0).op('i32.store', memory, CTL.refTop);
}
