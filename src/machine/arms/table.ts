/**
 * Tables, references and segments. Where a mirror follows a table that is written, it is read again. Instructions that name a
 * segment are executed by functions of the guest's own module; how long the segment still is, is in machine memory
 * (../dropped.ts), so that a trace can guard their ranges, too.
 */

import type { Ins } from '../../ir/ir.ts';
import type { Lifter } from '../../ir/lift.ts';
import { instructionKey, type OpRow, type ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import type { AddressType } from './memory.ts';

/** Index of an element, from word `at`, guarded so that it lies in the table. */
function element(l: Lifter, table: number, at: number): Ins {
  const index = l.get(at, 'i32');
  const size = l.ins('table.size', 'i32', [], { index: table });
  l.guard('guard.true', l.ins('i32.lt_u', 'i32', [index, size]), 'range');
  return index;
}

/** Guards that from + count is not beyond `length`. */
function within(l: Lifter, from: Ins, count: Ins, length: Ins): void {
  const wide = (x: Ins) => l.ins('i64.extend_i32_u', 'i64', [x]);
  const end = l.ins('i64.add', 'i64', [wide(from), wide(count)]);
  l.guard('guard.true', l.ins('i64.le_u', 'i32', [end, wide(length)]), 'range');
}

/** Guards that `count` elements from `from` lie in the table. */
function elements(l: Lifter, table: number, from: Ins, count: Ins): void {
  within(l, from, count, l.ins('table.size', 'i32', [], { index: table }));
}

/** `[arm, dst, index]`. `frame`: the type under which frames keep the element. */
export function tableGetArm(table: number, type: ValType, frame: ValType, index: AddressType): Arm {
  const lift = (l: Lifter) => {
    l.put(1, l.ins('table.get', frame, [element(l, table, 2)], { index: table }));
  };
  return {
    key: `table.get:${table}`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.position().dest(1, type).slot(2, index).op('table.get', g.ix.table(table)).put(type).next();
    },
    ...(index === 'i32' ? { lift } : {}),
  };
}

/** `[arm, index, value]` */
export function tableSetArm(table: number, type: ValType, frame: ValType, index: AddressType): Arm {
  const lift = (l: Lifter) => {
    l.ins('table.set', 'void', [element(l, table, 1), l.get(2, frame)], { index: table });
    l.tableChanged(table);
  };
  const lifted = index === 'i32';
  return {
    key: `table.set:${table}`,
    kind: lifted ? 'plain' : 'interp',
    words: 3,
    gen(g) {
      g.position().slot(1, index).slot(2, type).op('table.set', g.ix.table(table));
      g.tableChanged(table).next();
    },
    ...(lifted ? { lift } : {}),
  };
}

/** `[arm, dst]` */
export function tableSizeArm(table: number, index: AddressType): Arm {
  const lift = (l: Lifter) => {
    l.put(1, l.ins('table.size', 'i32', [], { index: table }));
  };
  return {
    key: `table.size:${table}`,
    kind: 'plain',
    words: 2,
    gen(g) {
      g.dest(1, index).op('table.size', g.ix.table(table)).put(index).next();
    },
    ...(index === 'i32' ? { lift } : {}),
  };
}

/** `[arm, dst, value, count]` */
export function tableGrowArm(table: number, type: ValType, frame: ValType, index: AddressType): Arm {
  const lift = (l: Lifter) => {
    l.put(1, l.ins('table.grow', 'i32', [l.get(2, frame), l.get(3, 'i32')], { index: table }));
    l.tableChanged(table);
  };
  const lifted = index === 'i32';
  return {
    key: `table.grow:${table}`,
    kind: lifted ? 'plain' : 'interp',
    words: 4,
    gen(g) {
      g.dest(1, index).slot(2, type).slot(3, index).op('table.grow', g.ix.table(table)).put(index);
      g.tableChanged(table).next();
    },
    ...(lifted ? { lift } : {}),
  };
}

/** `[arm, from, value, count]` */
export function tableFillArm(table: number, type: ValType, frame: ValType, index: AddressType): Arm {
  const lift = (l: Lifter) => {
    const [from, value, count] = [l.get(1, 'i32'), l.get(2, frame), l.get(3, 'i32')];
    elements(l, table, from, count);
    l.ins('table.fill', 'void', [from, value, count], { index: table });
    l.tableChanged(table);
  };
  const lifted = index === 'i32';
  return {
    key: `table.fill:${table}`,
    kind: lifted ? 'plain' : 'interp',
    words: 4,
    gen(g) {
      g.position().slot(1, index).slot(2, type).slot(3, index).op('table.fill', g.ix.table(table));
      g.tableChanged(table).next();
    },
    ...(lifted ? { lift } : {}),
  };
}

/** `[arm, to, from, count]`; `types`: of the three operands. */
export function tableCopyArm(to: number, from: number, types: readonly AddressType[]): Arm {
  const lift = (l: Lifter) => {
    const [d, s, n] = [l.get(1, 'i32'), l.get(2, 'i32'), l.get(3, 'i32')];
    elements(l, to, d, n);
    elements(l, from, s, n);
    l.ins('table.copy', 'void', [d, s, n], { index: to, index2: from });
    l.tableChanged(to);
  };
  const lifted = types.every((type) => type === 'i32');
  return {
    key: `table.copy:${to}:${from}`,
    kind: lifted ? 'plain' : 'interp',
    words: 4,
    gen(g) {
      g.position();
      types.forEach((type, i) => {
        g.slot(1 + i, type);
      });
      g.op('table.copy', g.ix.table(to), g.ix.table(from));
      g.tableChanged(to).next();
    },
    ...(lifted ? { lift } : {}),
  };
}

/** What an instruction on a segment needs besides its operands. */
export interface OnSegment {
  /** Number of its helper. */
  readonly helper: number;
  /** Machine address of the segment's length. */
  readonly length: number;
}

/** An instruction on a segment, through its helper. Words: the operands, of types `params`. */
export function segmentArm(row: OpRow, imms: readonly number[], params: readonly ValType[], at: OnSegment): Arm {
  const key = instructionKey(row, imms);
  const target = imms[1] ?? 0;
  const lift = (l: Lifter) => {
    if (params.length === 0) {
      l.ins('segment.drop', 'void', [], { index: at.helper, off: at.length });
      return;
    }
    const [to, from, count] = [l.get(1, 'i32'), l.get(2, 'i32'), l.get(3, 'i32')];
    if (row.name === 'memory.init') l.rangeGuard(to, count, target);
    else elements(l, target, to, count);
    within(l, from, count, l.ins('segment.length', 'i32', [], { off: at.length }));
    l.ins('segment.init', 'void', [to, from, count], { index: at.helper });
    if (row.name === 'table.init') l.tableChanged(target);
  };
  return {
    key,
    kind: params.includes('i64') ? 'interp' : 'plain',
    words: 1 + params.length,
    gen(g) {
      g.position();
      params.forEach((type, i) => {
        g.slot(1 + i, type);
      });
      g.op('call', g.ix.helper(key));
      if (row.name === 'table.init') g.tableChanged(target);
      if (params.length === 0) g.setCtl(at.length, 0);
      g.next();
    },
    ...(params.includes('i64') ? {} : { lift }),
  };
}

/** `[arm, dst]` */
export function refFuncArm(func: number): Arm {
  return {
    key: `ref.func:${func}`,
    kind: 'plain',
    words: 2,
    gen(g) {
      g.dest(1, 'funcref')
        .op('call', g.ix.helper(`ref.func:${func}`))
        .put('funcref')
        .next();
    },
    lift(l) {
      l.put(1, l.ins('ref.func', 'funcref', [], { index: func }));
    },
  };
}

/** `[arm, dst, reference]` */
export function refIsNullArm(type: ValType): Arm {
  return {
    key: `ref.is_null:${type}`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.dest(1, 'i32').slot(2, type).op('ref.is_null').put('i32').next();
    },
    lift(l) {
      l.put(1, l.ins('ref.is_null', 'i32', [l.get(2, type)]));
    },
  };
}

/** `[arm, dst, reference]` */
export function asNonNullArm(type: ValType): Arm {
  return {
    key: `ref.as_non_null:${type}`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.position().dest(1, type).slot(2, type).op('ref.as_non_null').put(type).next();
    },
    lift(l) {
      const value = l.get(2, type);
      l.guard('guard.false', l.ins('ref.is_null', 'i32', [value]), 'null');
      l.put(1, value);
    },
  };
}
