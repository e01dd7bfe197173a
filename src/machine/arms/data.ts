/** Constants, copies between slots, and select. Words: `[arm, dst, ...]`. */

import { isNumeric, LOCAL } from '../../interp/gen.ts';
import type { ValType } from '../../wasm/row.ts';
import { splitRef } from '../../wasm/types.ts';
import type { Arm } from '../arm.ts';

const WIDE = new Set<string>(['i64', 'f64']);

/** dst := constant. Words: dst, then 1, 2 or 4 words of bits. */
export function constArm(type: ValType): Arm {
  const words = type === 'v128' ? 6 : WIDE.has(type) ? 4 : 3;
  return {
    key: `const:${type}`,
    kind: 'plain',
    words,
    gen(g) {
      // The bits are moved as integers: a float register could quieten a signalling NaN on some hosts.
      if (type === 'v128') {
        g.addr(1).get(LOCAL.pc).op('v128.load', 0, 8).store('v128', 0);
      } else if (WIDE.has(type)) {
        g.addr(1).word64(2).store('i64', 0);
      } else {
        g.addr(1).word(2).store('i32', 0);
      }
      g.next();
    },
    lift(l) {
      let bits = 0n;
      for (let i = words - 1; i >= 2; i--) bits = (bits << 32n) | BigInt(l.word(i) >>> 0);
      l.put(1, l.constant(type, bits));
    },
  };
}

/** dst := null reference; `type` is the top type of its hierarchy. */
export function nullArm(type: ValType): Arm {
  return {
    key: `null:${type}`,
    kind: 'plain',
    words: 2,
    gen(g) {
      g.dest(1, type).op('ref.null', splitRef(type)?.heap).put(type).next();
    },
    lift(l) {
      l.put(1, l.ins('ref.null', type, [], { types: [type] }));
    },
  };
}

/** dst := src. */
export function copyArm(type: ValType): Arm {
  const raw: ValType = type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type;
  return {
    key: `copy:${type}`,
    kind: 'plain',
    words: 3,
    gen(g) {
      g.dest(1, raw).slot(2, raw).put(raw).next();
    },
    lift(l) {
      l.put(1, l.get(2, type));
    },
  };
}

/** dst := cond ? a : b. Words: dst, a, b, cond. */
export function selectArm(type: ValType): Arm {
  const raw: ValType = type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type;
  return {
    key: `select:${type}`,
    kind: 'plain',
    words: 5,
    gen(g) {
      if (isNumeric(raw)) {
        // Selecting the address first saves one of the two loads.
        g.dest(1, raw).addr(2).addr(3).slot(4, 'i32').op('select').load(raw).put(raw).next();
      } else {
        g.dest(1, raw).slot(2, raw).slot(3, raw).slot(4, 'i32').op('select_t', [raw]).put(raw).next();
      }
    },
    lift(l) {
      l.put(1, l.ins('select', type, [l.get(2, type), l.get(3, type), l.get(4, 'i32')]));
    },
  };
}
