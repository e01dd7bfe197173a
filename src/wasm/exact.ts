/**
 * Exact operand and result types of instructions whose types follow from their immediates: those on structs, arrays and
 * other heap objects, and those that write references to globals and tables. All others have their types in the row.
 *
 *     heapSignature(module.types, 'struct.get', 3, 0)  -> { params: ['(ref null 3)'], results: ['i32'] }
 *
 * Operands of the top types (`ref.test`, conversions) are left to the hierarchy that the operand has.
 */
import type { TypeDef, WasmModule } from './module.ts';
import type { ValType } from './row.ts';
import { refType } from './types.ts';

export interface ExactSignature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/** Value type of a field; packed ones are i32 on the stack. */
function unpacked(type: string): ValType {
  return type === 'i8' || type === 'i16' ? 'i32' : (type as ValType);
}

function fieldTypes(types: readonly TypeDef[], type: number): readonly ValType[] {
  const def = types[type];
  if (!def || def.kind === 'func') throw new RangeError(`type ${type} is neither a struct nor an array`);
  return def.fields.map((f) => unpacked(f.type));
}

/**
 * Signature of an instruction on heap objects with its index immediates; null for any other. For array.new_fixed, `b` is
 * the number of elements.
 */
export function heapSignature(types: readonly TypeDef[], name: string, a: number, b: number): ExactSignature | null {
  const object = (type = a) => refType(String(type), true);
  const made: readonly ValType[] = [refType(String(a), false)];
  const field = (i = 0) => fieldTypes(types, a)[i] as ValType;
  switch (name) {
    case 'struct.new':
      return { params: fieldTypes(types, a), results: made };
    case 'struct.new_default':
      return { params: [], results: made };
    case 'struct.get':
    case 'struct.get_s':
    case 'struct.get_u':
      return { params: [object()], results: [field(b)] };
    case 'struct.set':
      return { params: [object(), field(b)], results: [] };
    case 'array.new':
      return { params: [field(), 'i32'], results: made };
    case 'array.new_default':
      return { params: ['i32'], results: made };
    case 'array.new_fixed':
      return { params: Array.from({ length: b }, () => field()), results: made };
    case 'array.new_data':
    case 'array.new_elem':
      return { params: ['i32', 'i32'], results: made };
    case 'array.get':
    case 'array.get_s':
    case 'array.get_u':
      return { params: [object(), 'i32'], results: [field()] };
    case 'array.set':
      return { params: [object(), 'i32', field()], results: [] };
    case 'array.len':
      return { params: ['arrayref'], results: ['i32'] };
    case 'array.fill':
      return { params: [object(), 'i32', field(), 'i32'], results: [] };
    case 'array.copy':
      return { params: [object(), 'i32', object(b), 'i32', 'i32'], results: [] };
    case 'array.init_data':
    case 'array.init_elem':
      return { params: [object(), 'i32', 'i32', 'i32'], results: [] };
    case 'ref.eq':
      return { params: ['eqref', 'eqref'], results: ['i32'] };
    case 'ref.i31':
      return { params: ['i32'], results: ['(ref i31)'] };
    case 'i31.get_s':
    case 'i31.get_u':
      return { params: ['i31ref'], results: ['i32'] };
    case 'any.convert_extern':
      return { params: ['externref'], results: ['anyref'] };
    case 'extern.convert_any':
      return { params: ['anyref'], results: ['externref'] };
    default:
      return null;
  }
}

/** Exact types of the operands where they are more than the row says; null where the row says all. */
export function exactOperands(module: WasmModule, name: string, a: number, b: number): readonly ValType[] | null {
  switch (name) {
    case 'global.set':
      return [module.globals[a]?.type ?? 'i32'];
    case 'table.set':
      return ['i32', module.tables[a]?.type ?? 'funcref'];
    case 'table.grow':
      return [module.tables[a]?.type ?? 'funcref', 'i32'];
    case 'table.fill':
      return ['i32', module.tables[a]?.type ?? 'funcref', 'i32'];
    default:
      return heapSignature(module.types, name, a, b)?.params ?? null;
  }
}
