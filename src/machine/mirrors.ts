/**
 * Mirrors of tables: which guest function each element is, as numbers in machine memory, because references to
 * functions cannot be compared inside Wasm. A mirrored `call_indirect` stays in the interpreter and can be recorded.
 *
 * A mirror knows only what is certain. Elements that somebody else wrote are "unknown" and are called for real, which is
 * always right. Tables that other instances may write behind our back (imported ones, and exported ones as soon as they
 * are given to another instance) have no mirror, or lose what it knew.
 */
import { watchTable } from '../guest/foreign.ts';
import type { Guest } from '../guest/instance.ts';
import { topType } from '../wasm/hierarchy.ts';
import type { ValType } from '../wasm/row.ts';
import { MIRROR } from './layout.ts';
import type { MachineMemory } from './memory.ts';

/** An element whose function is not known; null is 0, function f is f + 1. */
const UNKNOWN = -1;

export class TableMirrors {
  private readonly identify: (f: unknown) => number;
  private readonly guest: Guest;
  private readonly memory: MachineMemory;
  /** By table: address of the mirror's words. */
  private readonly words = new Map<number, number>();
  private readonly ids = new Map<unknown, number>();
  private readonly foreign = new Set<number>();
  private readonly room = new Map<number, number>();

  /** `identify`: index + 1 of a function of the guest, 0 for any other. */
  constructor(guest: Guest, memory: MachineMemory, identify: (f: unknown) => number) {
    this.identify = identify;
    this.guest = guest;
    this.memory = memory;
    const { module } = guest;
    const callsIndirect = module.tables.length > 0;
    if (!callsIndirect) return;
    const imported = new Set<unknown>(guest.importedFunctions);
    const holdsFunctions = (type: ValType) => topType(module.types, type) === 'funcref';
    const foreignRefs = module.globals.some((g) => g.imported && holdsFunctions(g.type));
    guest.tables.forEach((table, i) => {
      const type = module.tables[i];
      if (!type || type.imported || !holdsFunctions(type.type) || foreignRefs) return;
      this.learn(i, imported);
      const at = memory.alloc(MIRROR.bytes);
      this.words.set(i, at);
      this.refresh(i);
      if (guest.isExported('table', i)) {
        watchTable(table, {
          onWrite: () => this.refresh(i),
          onGrow: () => this.refresh(i),
          onForeign: () => this.lose(i),
        });
      }
    });
  }

  /** Address of the table's mirror (see MIRROR), or null where it has none. */
  address(table: number): number | null {
    return this.words.get(table) ?? null;
  }

  /** Exported functions carry their index as a name; right after instantiation only ours can be in our own tables. */
  private learn(index: number, imported: ReadonlySet<unknown>): void {
    const { importedFunctions } = this.guest.module;
    const table = this.guest.tables[index] as WebAssembly.Table;
    for (let i = 0; i < Number(table.length); i++) {
      const f = table.get(this.index(index, i)) as { name: string } | null;
      if (f === null || imported.has(f)) continue;
      const func = Number(f.name);
      if (func >= importedFunctions) this.ids.set(f, func);
    }
  }

  /** An index as the host wants it: tables with 64-bit indices speak in bigints, in lengths too. */
  private index(table: number, i: number): number {
    return (this.guest.module.tables[table]?.i64 ? BigInt(i) : i) as number;
  }

  /** Reads the whole table again. */
  refresh(table: number): void {
    const at = this.words.get(table);
    if (at === undefined || this.foreign.has(table)) return;
    const host = this.guest.tables[table] as WebAssembly.Table;
    const { memory } = this;
    const size = Number(host.length);
    if (size > (this.room.get(table) ?? 0)) {
      const room = Math.max(16, size + (size >> 1));
      memory.setWord(at, memory.alloc(4 * room));
      this.room.set(table, room);
    }
    const base = memory.word(at) >> 2;
    for (let i = 0; i < size; i++) {
      const f = host.get(this.index(table, i));
      memory.i32[base + i] = f === null ? 0 : this.id(f);
    }
    memory.setWord(at + MIRROR.size, size);
  }

  private id(f: unknown): number {
    const known = this.ids.get(f);
    return known === undefined ? this.identify(f) || UNKNOWN : known + 1;
  }

  /** Another instance may write the table from now on. */
  private lose(table: number): void {
    this.foreign.add(table);
    const at = this.words.get(table) as number;
    this.memory.setWord(at + MIRROR.size, 0);
    this.memory.setWord(at + MIRROR.foreign, 1);
  }
}
