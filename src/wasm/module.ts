/** A decoded module: everything but function bodies, which are read when somebody asks. */
import type { ValType } from './row.ts';

export type TypeDef =
  | {
      readonly kind: 'func';
      readonly params: readonly ValType[];
      readonly results: readonly ValType[];
      readonly plain: boolean;
    }
  | { readonly kind: 'struct'; readonly fields: readonly FieldType[]; readonly plain: boolean }
  | { readonly kind: 'array'; readonly fields: readonly FieldType[]; readonly plain: boolean };

/** `type` is a value type or a packed `i8`, `i16`. */
export interface FieldType {
  readonly type: string;
  readonly mutable: boolean;
}

export interface ImportName {
  readonly module: string;
  readonly name: string;
}

export interface MemoryDef {
  readonly min: number;
  readonly max?: number;
  readonly shared: boolean;
  readonly i64: boolean;
  readonly imported?: ImportName;
}

export interface TableDef {
  readonly type: ValType;
  readonly min: number;
  readonly max?: number;
  readonly i64: boolean;
  readonly imported?: ImportName;
}

export interface GlobalDef {
  readonly type: ValType;
  readonly mutable: boolean;
  readonly imported?: ImportName;
  /** Byte range of the initializer, without its `end`; absent for imports. */
  readonly init?: Range;
}

export interface TagDef {
  readonly type: number;
  readonly imported?: ImportName;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export type ExternKind = 'func' | 'table' | 'memory' | 'global' | 'tag';

export interface ExportDef {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

export interface ElementSegment {
  readonly mode: 'active' | 'passive' | 'declarative';
  readonly table: number;
  /** Offset expression of an active segment. */
  readonly offset?: Range;
  readonly type: ValType;
  /** Function indices, or null where items are expressions. */
  readonly funcs: readonly number[] | null;
  readonly count: number;
}

export interface DataSegment {
  readonly mode: 'active' | 'passive';
  readonly memory: number;
  readonly offset?: Range;
  readonly bytes: Range;
}

export interface Section extends Range {
  readonly id: number;
  /** Custom sections only. */
  readonly name?: string;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly TypeDef[];
  /** Raw contents of the type section behind its count, and the count of recursive groups. */
  readonly rawTypes: { readonly bytes: Uint8Array; readonly groups: number };
  /** Imports in order, with the kind and the index that each got. */
  readonly imports: readonly (ImportName & { readonly kind: ExternKind; readonly index: number })[];
  /** Type index by function index, imports first. */
  readonly functions: readonly number[];
  readonly importedFunctions: number;
  readonly tables: readonly TableDef[];
  readonly memories: readonly MemoryDef[];
  readonly globals: readonly GlobalDef[];
  readonly tags: readonly TagDef[];
  readonly exports: readonly ExportDef[];
  readonly start: number | null;
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  readonly dataCount: number | null;
  /** Bodies of defined functions: behind their size, to behind their `end`. */
  readonly code: readonly Range[];
}
