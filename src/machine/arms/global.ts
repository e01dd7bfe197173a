/** global.get and global.set: one arm for each global that the guest uses. */

import type { ValType } from '../../wasm/row.ts';
import type { Arm } from '../arm.ts';

/** `[arm, dst]`. `frame`: the type under which frames keep the value. */
export function globalGetArm(index: number, type: ValType, frame: ValType): Arm {
  return {
    key: `global.get:${index}`,
    kind: 'plain',
    words: 2,
    gen(g) {
      g.dest(1, type).op('global.get', g.ix.global(index)).put(type).next();
    },
    lift(l) {
      l.put(1, l.ins('global.get', frame, [], { index }));
    },
  };
}

/** `[arm, src]` */
export function globalSetArm(index: number, type: ValType, frame: ValType): Arm {
  return {
    key: `global.set:${index}`,
    kind: 'plain',
    words: 2,
    gen(g) {
      g.slot(1, type).op('global.set', g.ix.global(index)).next();
    },
    lift(l) {
      l.ins('global.set', 'void', [l.get(1, frame)], { index });
    },
  };
}
