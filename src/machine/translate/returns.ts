/** Returns: results go to the front of the frame, where the caller has its operands. */
import { returnArm, returnValueArm, slotBytes } from '../arms/call.ts';
import type { Operand } from '../vstack.ts';
import type { Draft } from './draft.ts';

/** `own`: 1 where the instruction in progress still has to be counted. */
export function emitReturn(d: Draft, own = 1): void {
  const results = d.sig.results;
  const n = results.length;
  if (n === 1) {
    const item = d.stack.peek();
    const src = d.source(item);
    const type = item.type;
    d.begin(d.arm(`return:${type}`, () => returnValueArm(type)));
    d.code.word(d.pending + own);
    d.code.word(d.window);
    d.code.word(src);
  } else {
    if (n > 0) {
      d.settleAll(d.stack.height - n);
      let off = 0;
      for (let i = 0; i < n; i++) {
        const item = d.stack.items[d.stack.height - n + i] as Operand;
        d.emitCopy(off, item.off, item.type);
        off += slotBytes(item.type);
      }
    }
    d.begin(d.arm(returnArm.key, () => returnArm));
    d.code.word(d.pending + own);
    d.code.word(d.window);
  }
  d.last = null;
}
