/** Function bodies as flat WAT-like text: one line an instruction, with its byte offset, indented by block structure. */
import { BodyReader } from './body.ts';
import { decodeModule } from './decode.ts';
import type { WasmModule } from './module.ts';
import { functionName, localName } from './names.ts';

export interface DisasmLine {
  /** Byte offset in the module. */
  readonly offset: number;
  readonly depth: number;
  readonly text: string;
}

/** Instructions of a function whose offsets lie in [from, to). */
export function disassemble(
  module: WasmModule,
  func: number,
  range: { from?: number; to?: number } = {},
): DisasmLine[] {
  const lines: DisasmLine[] = [];
  const body = new BodyReader(module, func);
  let depth = 0;
  while (body.next()) {
    const { name } = body.op;
    if (name === 'end' || name === 'else' || name.startsWith('catch') || name === 'delegate') depth--;
    if (body.offset >= (range.from ?? 0) && body.offset < (range.to ?? Number.POSITIVE_INFINITY)) {
      lines.push({ offset: body.offset, depth: Math.max(0, depth), text: instruction(module, func, body) });
    }
    if (['block', 'loop', 'if', 'else', 'try', 'try_table'].includes(name) || name.startsWith('catch')) depth++;
  }
  return lines;
}

function instruction(module: WasmModule, func: number, body: BodyReader): string {
  const { op } = body;
  const parts = [op.name];
  let second = false;
  let heaps = 0;
  const index = () => {
    const n = second ? body.b : body.a;
    second = true;
    return n;
  };
  for (const imm of op.imms) {
    switch (imm) {
      case 'i32':
        parts.push(String(BigInt.asIntN(32, body.big)));
        break;
      case 'i64':
        parts.push(String(BigInt.asIntN(64, body.big)));
        break;
      case 'f32':
      case 'f64':
        parts.push(floatText(imm, body.big));
        break;
      case 'v128':
        parts.push(`0x${body.big.toString(16).padStart(32, '0')}`);
        break;
      case 'block':
        if (typeof body.blockType === 'number') parts.push(`(type ${body.blockType})`);
        else if (body.blockType !== 'void') parts.push(`(result ${body.blockType})`);
        break;
      case 'labels':
        parts.push(body.labels.join(' '));
        break;
      case 'memarg':
        if (body.mem) parts.push(String(body.mem));
        if (body.off) parts.push(`offset=${body.off}`);
        break;
      case 'func': {
        const n = index();
        const name = functionName(module, n);
        parts.push(name === null ? String(n) : `$${name}`);
        break;
      }
      case 'local': {
        const n = index();
        const name = localName(module, func, n);
        parts.push(name ? `$${name}` : String(n));
        break;
      }
      case 'type':
        parts.push(`(type ${index()})`);
        break;
      case 'heap':
        parts.push(heaps++ === 0 ? body.heap : body.heap2);
        break;
      case 'valtypes':
        parts.push(`(result ${body.types.join(' ')})`);
        break;
      case 'lanes16':
        parts.push(Array.from(body.lanes).join(' '));
        break;
      case 'catches':
        parts.push(
          ...body.catches.map(
            (c) =>
              `(${['catch', 'catch_ref', 'catch_all', 'catch_all_ref'][c.kind]} ${c.kind < 2 ? `${c.tag} ` : ''}${c.label})`,
          ),
        );
        break;
      case 'memory': {
        const n = index();
        if (n) parts.push(String(n));
        break;
      }
      case 'byte':
        index();
        break;
      default:
        parts.push(String(index()));
    }
  }
  return parts.join(' ');
}

function floatText(type: 'f32' | 'f64', bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, type === 'f32' ? bits << 32n : bits);
  const value = type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
  if (Number.isNaN(value)) return `nan:0x${bits.toString(16)}`;
  if (Object.is(value, -0)) return '-0';
  return String(value).replace('Infinity', 'inf');
}

/** All functions of a module, with their names and signatures. */
export function disassembleModule(bytes: Uint8Array): string {
  const module = decodeModule(bytes);
  const out: string[] = [];
  for (let f = module.importedFunctions; f < module.functions.length; f++) {
    const type = module.types[module.functions[f] as number];
    const sig = type?.kind === 'func' ? signatureText(type.params, type.results) : '';
    out.push(`(func $${functionName(module, f) ?? f}${sig}`);
    for (const line of disassemble(module, f)) {
      out.push(`${line.offset.toString(16).padStart(6, '0')}  ${'  '.repeat(line.depth)}${line.text}`);
    }
    out.push(')');
  }
  return out.join('\n');
}

function signatureText(params: readonly string[], results: readonly string[]): string {
  return `${params.length ? ` (param ${params.join(' ')})` : ''}${results.length ? ` (result ${results.join(' ')})` : ''}`;
}
