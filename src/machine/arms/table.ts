/**
 * Tables, references and segments. The interpreter executes these itself; a trace ends before those that change a table,
 * because its mirror has to be read again.
 */

import type { OpRow, ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';
import type { AddressType } from './memory.ts';

/** `[arm, dst, index]` */
export function tableGetArm(table: number, type: ValType, index: AddressType): Arm {
  return {
    key: `table.get:${table}`,
    kind: 'interp',
    words: 3,
    gen(g) {
      g.position().dest(1, type).slot(2, index).op('table.get', g.ix.table(table)).put(type).next();
    },
  };
}

/** `[arm, index, value]` */
export function tableSetArm(table: number, type: ValType, index: AddressType): Arm {
  return {
    key: `table.set:${table}`,
    kind: 'interp',
    words: 3,
    gen(g) {
      g.position().slot(1, index).slot(2, type).op('table.set', g.ix.table(table));
      g.tableChanged(table).next();
    },
  };
}

/** `[arm, dst]` */
export function tableSizeArm(table: number, index: AddressType): Arm {
  return {
    key: `table.size:${table}`,
    kind: 'interp',
    words: 2,
    gen(g) {
      g.dest(1, index).op('table.size', g.ix.table(table)).put(index).next();
    },
  };
}

/** `[arm, dst, value, count]` */
export function tableGrowArm(table: number, type: ValType, index: AddressType): Arm {
  return {
    key: `table.grow:${table}`,
    kind: 'interp',
    words: 4,
    gen(g) {
      g.dest(1, index).slot(2, type).slot(3, index).op('table.grow', g.ix.table(table)).put(index);
      g.tableChanged(table).next();
    },
  };
}

/** `[arm, from, value, count]` */
export function tableFillArm(table: number, type: ValType, index: AddressType): Arm {
  return {
    key: `table.fill:${table}`,
    kind: 'interp',
    words: 4,
    gen(g) {
      g.position().slot(1, index).slot(2, type).slot(3, index).op('table.fill', g.ix.table(table));
      g.tableChanged(table).next();
    },
  };
}

/** `[arm, to, from, count]` */
/** `types`: of the three operands. */
export function tableCopyArm(to: number, from: number, types: readonly AddressType[]): Arm {
  return {
    key: `table.copy:${to}:${from}`,
    kind: 'interp',
    words: 4,
    gen(g) {
      g.position();
      types.forEach((type, i) => {
        g.slot(1 + i, type);
      });
      g.op('table.copy', g.ix.table(to), g.ix.table(from));
      g.tableChanged(to).next();
    },
  };
}

/** An instruction on a segment, through its helper. Words: the operands, of types `params`. */
export function segmentArm(row: OpRow, imms: readonly number[], params: readonly ValType[]): Arm {
  const key = `${row.name}:${imms.join(':')}`;
  return {
    key,
    kind: 'interp',
    words: 1 + params.length,
    gen(g) {
      g.position();
      params.forEach((type, i) => {
        g.slot(1 + i, type);
      });
      g.op('call', g.ix.helper(key));
      if (row.name === 'table.init') g.tableChanged(imms[1] as number);
      g.next();
    },
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
