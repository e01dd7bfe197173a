/**
 * The shape of one opcode record. `opcodes.ts` holds the only list of opcodes in the project; decoder, encoder,
 * disassembler, interpreter generator, recorder, IR, folder and emitter ask the row and never keep lists of their own.
 */

/** A value type in the text format's spelling: `i32`, `v128`, `funcref`, `(ref null 3)`. Equal text means equal type. */
export type NumType = 'i32' | 'i64' | 'f32' | 'f64';
export type RefType = 'funcref' | 'externref' | `${string}ref` | `(ref ${string})`;
export type ValType = NumType | 'v128' | RefType;

/** What follows an opcode in the binary format, in order. */
export type Imm =
  | 'i32' // signed LEB128
  | 'i64'
  | 'f32' // 4 bytes
  | 'f64'
  | 'v128' // 16 bytes
  | 'block' // block type: s33
  | 'label'
  | 'labels' // vector of labels, then the default (br_table)
  | 'func'
  | 'type'
  | 'table'
  | 'memory'
  | 'global'
  | 'local'
  | 'tag'
  | 'elem'
  | 'data'
  | 'field'
  | 'u32' // any other unsigned LEB128 (array.new_fixed's length)
  | 'lane' // one byte
  | 'lanes16' // sixteen lane bytes (i8x16.shuffle)
  | 'memarg' // alignment (bit 6: memory index follows), offset
  | 'heap' // heap type: s33
  | 'castflags' // one byte (br_on_cast)
  | 'valtypes' // vector of value types (select t)
  | 'catches' // vector of catch clauses (try_table)
  | 'byte'; // a reserved byte (atomic.fence)

/**
 * What executing the instruction can observe or change besides its operands and result.
 *
 * - `pure`: nothing; may be moved, merged and removed.
 * - `trap`: nothing, but may trap on some operands (division, truncation, casts).
 * - `load`, `store`: one access to a linear memory through `memarg`, traps out of bounds.
 * - `size`: reads a memory's or table's size. `grow`: changes it.
 * - `bulk`: reads or writes a range of a memory or table, traps out of bounds.
 * - `global.get`, `global.set`, `local`, `table.get`, `table.set`: as named.
 * - `control`: transfers control (branches, returns, block structure, `unreachable`, throws).
 * - `call`: enters another function.
 * - `heap.new`, `heap.get`, `heap.set`: allocates, reads, writes a GC object.
 * - `atomic`: an access that other threads order themselves by.
 */
export type Effect =
  | 'pure'
  | 'trap'
  | 'load'
  | 'store'
  | 'size'
  | 'grow'
  | 'bulk'
  | 'global.get'
  | 'global.set'
  | 'local'
  | 'table.get'
  | 'table.set'
  | 'control'
  | 'call'
  | 'heap.new'
  | 'heap.get'
  | 'heap.set'
  | 'atomic';

export interface OpRow {
  /** Name in the text format (`i32.add`). Unique. */
  readonly name: string;
  /** One byte, or `prefix << 16 | sub-opcode` (0xfc000a is `memory.copy`). Unique. */
  readonly code: number;
  readonly imms: readonly Imm[];
  /** Operand and result types where they do not depend on immediates or on the stack; `null` otherwise. */
  readonly sig: { readonly params: readonly ValType[]; readonly results: readonly ValType[] } | null;
  readonly effect: Effect;
  /** Bytes that the access touches, for `load`, `store` and `atomic` accesses. */
  readonly bytes?: number;
  /** Name of the integer comparison with the opposite result, where there is one. */
  readonly inverse?: string;
  /** True where the operands may be exchanged. */
  readonly commutes?: true;
  /** Which version or proposal brought it: `mvp`, `signext`, `satfloat`, `bulk`, `reftypes`, `simd`, `threads`, ... */
  readonly since: string;
}

/** True for what opens a construct that `end` or `delegate` closes: `block`, `loop`, `if`, `try`, `try_table`. */
export const opensBlock = (row: OpRow): boolean => row.imms[0] === 'block';

/** An instruction with its immediates, as a name for what is made for it. */
export const instructionKey = ({ name }: OpRow, imms: readonly number[]): string => `${name}:${imms.join(':')}`;
