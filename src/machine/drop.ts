/**
 * Between two slices: clears what side tables still hold of frames that are gone. Slots of numbers share their index with
 * references of earlier frames, so all frames on the stack are looked through; operands of callers stay as they are.
 */
import { isReference } from '../wasm/hierarchy.ts';
import { slotBytes, windowBytes } from './arms/call.ts';
import type { FuncCode } from './code-map.ts';
import { CTL, HEADER } from './layout.ts';
import type { Machine } from './machine.ts';

/** Innermost frames that are looked through. */
const FRAMES = 1000;

/** Only at a head is it known what is in use; the interpreter also comes back for arms that it does not have yet. */
export function dropReferences(machine: Machine): void {
  const { memory, map, env } = machine;
  let pc = memory.word(CTL.pc);
  if (machine.heads.kindAt(pc) === null) return;
  memory.setWord(CTL.refAge, 0);
  let fp = memory.word(CTL.fp);
  const refTop = memory.word(CTL.refTop);
  const top = map.at(pc);
  if (!top || refTop <= fp) return;
  if (fp + top.top < refTop) machine.clear(fp + top.top, refTop);
  memory.setWord(CTL.refTop, fp + top.code.frameBytes);
  for (let i = 0; i < FRAMES; i++) {
    const code = map.at(pc)?.code;
    if (!code) return;
    const header = windowBytes(env.signature(code.func));
    clearNumbers(machine, code, fp);
    machine.clear(fp + header, fp + header + HEADER.bytes);
    const ret = memory.word(fp + header + HEADER.retpc);
    if (ret === machine.halt) return;
    fp = memory.word(fp + header + HEADER.callerFp);
    pc = map.before(ret) ?? 0;
  }
}

function clearNumbers(machine: Machine, { locals }: FuncCode, fp: number): void {
  for (const { off, type } of locals) {
    if (!isReference(type)) machine.clear(fp + off, fp + off + slotBytes(type));
  }
}
