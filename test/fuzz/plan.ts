/** What a random module has besides its bodies; decided first, because bodies refer to all of it. */
import type { ValType } from '../../src/wasm/row.ts';
import type { Source } from './source.ts';

export interface FuncPlan {
  /** Index in the function space. */
  index: number;
  type: number;
  params: readonly ValType[];
  results: readonly ValType[];
  /** Its first parameter is the depth of a bounded recursion; it calls itself. */
  recursive: boolean;
  /** Instructions that one call executes at most, about; known once the body is made. */
  cost: number;
}

export interface Size {
  functions: number;
  /** Nodes of one body. */
  nodes: number;
  /** Instructions of one call from outside, about. */
  cost: number;
  vectors: boolean;
  references: boolean;
}

export const SIZES: Record<'normal' | 'small', Size> = {
  normal: { functions: 5, nodes: 240, cost: 60_000, vectors: true, references: true },
  small: { functions: 3, nodes: 70, cost: 8000, vectors: true, references: true },
};

export interface Plan {
  size: Size;
  /** Imported host functions, defined functions; callers come before callees. */
  host: FuncPlan[];
  functions: FuncPlan[];
  globals: { type: ValType; imported: boolean }[];
  memories: number;
  /** Functions in the slots of table 0 at first; null: empty. */
  table: (FuncPlan | null)[];
  /** Functions from this position on may be in the table; they make no indirect calls. */
  tableFrom: number;
  blockType(params: readonly ValType[], results: readonly ValType[]): number;
}

export const PAGE = 65536;
export const NUMBERS: readonly ValType[] = ['i32', 'i64', 'f64', 'f32'];

/** Types of host functions that a module imports. The names are those that `host.ts` implements. */
export const HOST_FUNCTIONS: readonly { name: string; params: ValType[]; results: ValType[] }[] = [
  { name: 'note', params: ['i32'], results: [] },
  { name: 'mix', params: ['i64', 'i32'], results: ['i32'] },
  { name: 'wave', params: ['f64', 'f32'], results: ['f64'] },
  { name: 'again', params: ['i32'], results: ['i32'] },
  { name: 'pair', params: ['i32'], results: ['i32', 'i64'] },
];

/** A number type, sometimes a vector where those are allowed. */
export function pickType(source: Source, vectors: boolean): ValType {
  return vectors && source.chance(12) ? 'v128' : source.pick(NUMBERS);
}
