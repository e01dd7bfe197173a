/** How each pseudo-operation of the IR is written. Values are left on the stack. */
import type { Ins, PseudoOp } from '../ir/ir.ts';
import { CTL } from '../machine/layout.ts';
import type { ValType } from '../wasm/row.ts';
import { outOfBounds } from './bounds.ts';
import { EmitError } from './errors.ts';
import { type Frag, PARAM } from './frag.ts';
import { emitDepthGuard, emitFragCall } from './frag-call.ts';
import { loadSlot } from './frame.ts';
import { emitGuard, leaveIf } from './guards.ts';
import { emitHostCall } from './host-call.ts';
import { bumpCounter, checkStrip, lowerStrip, skipStrip, stripLeft } from './strips.ts';
import { emitCondition, emitValue, narrow } from './values.ts';

export const PSEUDO_EMIT = {
  phi: misplaced,
  proj: misplaced,
  'slot.load': (f, ins) => loadSlot(f, ins.imm.off ?? 0, ins.type as ValType),
  'frame.addr'(f, ins) {
    f.out.get(PARAM.fp);
    if (ins.imm.off) f.out.i32(ins.imm.off).op('i32.add');
  },
  'stack.limit': (f) => void f.out.i32(0).op('i32.load', f.links.machine, CTL.limit),
  'guard.true': (f, ins) => emitGuard(f, ins, () => emitCondition(f, ins.args[0]!, true)),
  'guard.false': (f, ins) => emitGuard(f, ins, () => emitCondition(f, ins.args[0]!, false)),
  'guard.bounds': (f, ins) => emitGuard(f, ins, () => outOfBounds(f, ins)),
  'strip.check'(f, ins) {
    checkStrip(f, ins.block, () => leaveIf(f, ins.block, ins.snap!));
  },
  'strip.limit': lowerStrip,
  'strip.left': stripLeft,
  'strip.skip': skipStrip,
  'profile.count': bumpCounter,
  'profile.add': bumpCounter,
  'mem.bytes'(f, ins) {
    const mem = ins.imm.mem ?? 0;
    f.out.op('memory.size', f.links.memory(mem));
    if (!f.region.facts.mem64[mem]) f.out.op('i64.extend_i32_u');
    f.out.i64(16n).op('i64.shl');
  },
  'mirror.get': mirrorGet,
  'segment.length': (f, ins) => void f.out.i32(0).op('i32.load', f.links.machine, ins.imm.off ?? 0),
  'segment.init'(f, ins) {
    for (const arg of ins.args) emitValue(f, arg);
    f.out.op('call', f.links.helper(ins.imm.index ?? 0));
  },
  'segment.drop'(f, ins) {
    f.out.op('call', f.links.helper(ins.imm.index ?? 0));
    f.out
      .i32(0)
      .i32(0)
      .op('i32.store', f.links.machine, ins.imm.off ?? 0);
  },
  'table.changed': (f, ins) => void f.out.i32(ins.imm.table ?? 0).op('call', f.links.tableChanged()),
  'func.id'(f, ins) {
    emitValue(f, ins.args[0]!);
    f.out.op('call', f.links.identify());
  },
  'ref.narrow'(f, ins) {
    const value = ins.args[0]!;
    emitValue(f, value);
    narrow(f, ins.type as ValType, value.type);
  },
  'ref.widen': (f, ins) => emitValue(f, ins.args[0]!),
  'host.call': emitHostCall,
  'frag.call': emitFragCall,
  'guard.depth': emitDepthGuard,
} satisfies Record<PseudoOp, (f: Frag, ins: Ins) => void>;

function misplaced(_f: Frag, ins: Ins): void {
  throw new EmitError('value', `${ins.op} v${ins.id} inside an expression`);
}

/** idx < length ? base[idx] : 0; the mirror may move and grow, so base and length are loaded. */
function mirrorGet(f: Frag, ins: Ins): void {
  const { out, links } = f;
  const table = ins.imm.table ?? 0;
  const mirror = f.env.mirror(table);
  if (mirror === null) throw new EmitError('import', `mirror of table ${table}`);
  const index = f.locals.fresh('i32');
  emitValue(f, ins.args[0]!);
  out
    .set(index)
    .get(index)
    .i32(0)
    .op('i32.load', links.machine, mirror + 4)
    .op('i32.lt_u');
  out.begin('if', null, 'i32');
  out.i32(0).op('i32.load', links.machine, mirror).get(index).i32(2).op('i32.shl').op('i32.add');
  out.op('i32.load', links.machine, 0);
  out.else().i32(0).end();
}
