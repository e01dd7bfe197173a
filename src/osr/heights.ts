/**
 * How much each instruction changes the height of the operand stack: what a flat pass over validated code needs to know
 * where the stack is empty. Most rows say it by their signature; what depends on an immediate is written here.
 */
import type { WasmModule } from '../wasm/module.ts';
import { ONE_BYTE, opByName } from '../wasm/opcodes.ts';
import type { OpRow } from '../wasm/row.ts';

/** Instructions whose signature depends on their operands, but not how many these are. */
const FIXED: Readonly<Record<string, number>> = {
  drop: -1,
  select: -2,
  select_t: -2,
  'local.get': 1,
  'local.set': -1,
  'local.tee': 0,
  'global.get': 1,
  'global.set': -1,
  br_if: -1,
  br_on_null: 0,
  br_on_non_null: -1,
  br_on_cast: 0,
  br_on_cast_fail: 0,
  'table.get': 0,
  'table.set': -2,
  'table.size': 1,
  'table.grow': -1,
  'table.fill': -3,
  'table.copy': -3,
  'table.init': -3,
  'memory.init': -3,
  'ref.null': 1,
  'ref.func': 1,
  'ref.is_null': 0,
  'ref.as_non_null': 0,
  'ref.eq': -1,
  'ref.test': 0,
  'ref.test_null': 0,
  'ref.cast': 0,
  'ref.cast_null': 0,
  'ref.i31': 0,
  'i31.get_s': 0,
  'i31.get_u': 0,
  'any.convert_extern': 0,
  'extern.convert_any': 0,
  'struct.new_default': 1,
  'struct.get': 0,
  'struct.get_s': 0,
  'struct.get_u': 0,
  'struct.set': -2,
  'array.new': -1,
  'array.new_default': 0,
  'array.new_data': -1,
  'array.new_elem': -1,
  'array.get': -1,
  'array.get_s': -1,
  'array.get_u': -1,
  'array.set': -3,
  'array.len': 0,
  'array.fill': -4,
  'array.copy': -5,
  'array.init_data': -4,
  'array.init_elem': -4,
};

/** Not known without a look at the immediates. */
export const UNKNOWN = 127;

/** The change of height, or {@link UNKNOWN} for calls, block structure and what makes objects of many fields. */
export function heightChange(row: OpRow): number {
  const fixed = FIXED[row.name];
  if (fixed !== undefined) return fixed;
  return row.sig ? row.sig.results.length - row.sig.params.length : UNKNOWN;
}

/** The same by opcode of one byte. */
export const CHANGES = Int8Array.from(ONE_BYTE, (row) => (row ? heightChange(row) : UNKNOWN));

const FULL = { new: opByName('struct.new').code, fixed: opByName('array.new_fixed').code } as const;

/** The change of height of instructions whose number of operands is an immediate. */
export function objectChange(module: WasmModule, code: number, a: number, b: number): number {
  if (code === FULL.fixed) return 1 - b;
  const type = module.types[a];
  return code === FULL.new && type && type.kind !== 'func' ? 1 - type.fields.length : UNKNOWN;
}
