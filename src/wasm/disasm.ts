/** Function bodies as flat WAT-like text: one line an instruction, with its byte offset, indented by block structure. */
import { BodyReader } from './body.ts';
import { decodeModule } from './decode.ts';
import type { WasmModule } from './module.ts';
import { functionName, localName } from './names.ts';
import { type Imm, opensBlock } from './row.ts';
import { refType } from './types.ts';

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
    if (opensBlock(body.op) || name === 'else' || name.startsWith('catch')) depth++;
  }
  return lines;
}

/**
 * Text of one instruction: what stands in the text format, except that `call_indirect` has its table behind its type, as
 * in the binary format, and always.
 */
function instruction(module: WasmModule, func: number, body: BodyReader): string {
  const { op } = body;
  switch (op.name) {
    case 'call_indirect':
    case 'return_call_indirect':
      return join(op.name, `(type ${body.a})`, body.b);
    case 'memory.init':
    case 'table.init':
      return join(op.name, body.b || '', body.a);
    case 'br_on_cast':
    case 'br_on_cast_fail':
      return join(op.name, body.b, refType(body.heap, (body.a & 1) !== 0), refType(body.heap2, (body.a & 2) !== 0));
    case 'memory.copy':
    case 'table.copy':
      return body.a || body.b ? join(op.name, body.a, body.b) : op.name;
    case 'ref.test':
    case 'ref.test_null':
    case 'ref.cast':
    case 'ref.cast_null':
      return join(op.name.replace('_null', ''), `(ref ${op.name.endsWith('_null') ? 'null ' : ''}${body.heap})`);
    case 'select_t':
      return join('select', `(result ${body.types.join(' ')})`);
  }
  const indices = [body.a, body.b];
  return join(op.name, ...op.imms.map((imm) => immediate(imm, module, func, body, () => indices.shift() as number)));
}

function join(...parts: (string | number)[]): string {
  return parts.filter((p) => p !== '').join(' ');
}

/** Text of one immediate; empty where the text format leaves it out. `index` gives the next index immediate. */
function immediate(imm: Imm, module: WasmModule, func: number, body: BodyReader, index: () => number): string | number {
  switch (imm) {
    case 'i32':
      return String(BigInt.asIntN(32, body.big));
    case 'i64':
      return String(BigInt.asIntN(64, body.big));
    case 'f32':
    case 'f64':
      return floatText(imm, body.big);
    case 'v128':
      return `i32x4 ${[0n, 32n, 64n, 96n]
        .map(
          (s) =>
            `0x${BigInt.asUintN(32, body.big >> s)
              .toString(16)
              .padStart(8, '0')}`,
        )
        .join(' ')}`;
    case 'block':
      if (body.blockType === 'void') return '';
      return typeof body.blockType === 'number' ? `(type ${body.blockType})` : `(result ${body.blockType})`;
    case 'labels':
      return body.labels.join(' ');
    case 'memarg':
      return join(body.mem || '', body.off ? `offset=${body.off}` : '');
    case 'func': {
      const n = index();
      const name = functionName(module, n);
      return name === null ? n : `$${name}`;
    }
    case 'local': {
      const n = index();
      const name = localName(module, func, n);
      return name ? `$${name}` : n;
    }
    case 'heap':
      return body.heap;
    case 'lanes16':
      return Array.from(body.lanes).join(' ');
    case 'catches':
      return body.catches.map((c) => `(${CATCHES[c.kind]} ${c.kind < 2 ? `${c.tag} ` : ''}${c.label})`).join(' ');
    case 'memory':
    case 'table':
      return index() || '';
    case 'byte':
      index();
      return '';
    default:
      return index();
  }
}

const CATCHES = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'];

function floatText(type: 'f32' | 'f64', bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, type === 'f32' ? bits << 32n : bits);
  const value = type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
  if (Number.isNaN(value)) {
    const [payload, sign] = type === 'f32' ? [0x7f_ffffn, 31n] : [0xf_ffff_ffff_ffffn, 63n];
    return `${bits >> sign ? '-' : ''}nan:0x${(bits & payload).toString(16)}`;
  }
  if (Object.is(value, -0)) return '-0';
  return String(value).replace('Infinity', 'inf');
}

/**
 * All functions of a module, with their names and signatures. `note` gives a comment for an instruction, by function and
 * byte offset in the function's code behind its locals.
 */
export function disassembleModule(bytes: Uint8Array, note?: (func: number, at: number) => string): string {
  const module = decodeModule(bytes);
  const out: string[] = [];
  for (let f = module.importedFunctions; f < module.functions.length; f++) {
    const type = module.types[module.functions[f] as number];
    const sig = type?.kind === 'func' ? signatureText(type.params, type.results) : '';
    out.push(`(func $${functionName(module, f) ?? f}${sig}`);
    const lines = disassemble(module, f);
    for (const line of lines) {
      const comment = note?.(f, line.offset - lines[0]!.offset);
      const text = `${line.offset.toString(16).padStart(6, '0')}  ${'  '.repeat(line.depth)}${line.text}`;
      out.push(comment ? `${text}  ;; ${comment}` : text);
    }
    out.push(')');
  }
  return out.join('\n');
}

function signatureText(params: readonly string[], results: readonly string[]): string {
  return `${params.length ? ` (param ${params.join(' ')})` : ''}${results.length ? ` (result ${results.join(' ')})` : ''}`;
}
