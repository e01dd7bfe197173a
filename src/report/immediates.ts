/** Immediates of the current instruction of a body, in the spelling of the text format. */
import type { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';
import { functionName, localName } from '../wasm/names.ts';
import type { Imm } from '../wasm/row.ts';

/** Texts in order; what is the default (memory 0, table 0, no offset) is left out. */
export function immediates(module: WasmModule, func: number, body: BodyReader): string[] {
  let indices = 0;
  let heaps = 0;
  const index = () => (indices++ === 0 ? body.a : body.b);
  const one = (imm: Imm): string => {
    switch (imm) {
      case 'i32':
        return String(Number(BigInt.asIntN(32, body.big)));
      case 'i64':
        return String(BigInt.asIntN(64, body.big));
      case 'f32':
        return float(body.big, 32);
      case 'f64':
        return float(body.big, 64);
      case 'v128':
        return `i64x2 0x${(body.big >> 64n).toString(16)} 0x${BigInt.asUintN(64, body.big).toString(16)}`;
      case 'block':
        if (body.blockType === 'void') return '';
        return typeof body.blockType === 'number' ? `(type ${body.blockType})` : `(result ${body.blockType})`;
      case 'labels':
        return body.labels.join(' ');
      case 'memarg':
        return [body.mem ? `${body.mem}` : '', body.off ? `offset=${body.off}` : ''].filter(Boolean).join(' ');
      case 'heap':
        return heaps++ === 0 ? body.heap : body.heap2;
      case 'valtypes':
        return `(result ${body.types.join(' ')})`;
      case 'catches':
        return body.catches.map((c) => `(${CATCH[c.kind]}${c.kind < 2 ? ` ${c.tag}` : ''} ${c.label})`).join(' ');
      case 'lanes16':
        return body.lanes.join(' ');
      case 'func': {
        const callee = index();
        return `$${functionName(module, callee) ?? `f${callee}`}`;
      }
      case 'local': {
        const local = index();
        const name = localName(module, func, local);
        return name ? `$${name}` : String(local);
      }
      case 'type':
        return `(type ${index()})`;
      case 'table':
      case 'memory': {
        const n = index();
        return n === 0 ? '' : String(n);
      }
      case 'byte':
        index();
        return '';
      default:
        return String(index());
    }
  };
  return body.op.imms.map(one).filter((text) => text !== '');
}

const CATCH = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'];

/** A float from its bits; NaNs keep their payload. */
function float(bits: bigint, width: 32 | 64): string {
  const view = new DataView(new ArrayBuffer(8));
  if (width === 32) view.setUint32(0, Number(bits));
  else view.setBigUint64(0, bits);
  const value = width === 32 ? view.getFloat32(0) : view.getFloat64(0);
  if (!Number.isNaN(value)) return Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'inf');
  const payload = width === 32 ? bits & 0x7fffffn : bits & 0xfffffffffffffn;
  return `${bits >> BigInt(width - 1) ? '-' : ''}nan:0x${payload.toString(16)}`;
}
