/**
 * The imports of a fragment module. Guest memories come first: the host keeps the base address of a module's first
 * memory in a register (1.05 against 0.76 ns a step in a small loop). Only what the regions use is imported, because
 * growing a memory takes time for every module that imports it.
 */
import type { Region } from '../ir/ir.ts';
import { effectOf, opInfo } from '../ir/ops.ts';
import type { ModuleBuilder } from '../wasm/builder.ts';
import { isReference } from '../wasm/hierarchy.ts';
import type { ValType } from '../wasm/row.ts';
import { EmitError } from './errors.ts';
import type { EmitEnv, EmitImport } from './types.ts';

export interface Links {
  readonly imports: readonly EmitImport[];
  /** Index of the machine memory in the fragment module. */
  readonly machine: number;
  readonly fragments: number;
  /** Type index of a fragment. */
  readonly fragmentType: number;
  memory(guest: number): number;
  table(guest: number): number;
  global(guest: number): number;
  /** Imported guest function. */
  func(guest: number): number;
  /** Global that holds a reference to a guest function. */
  funcref(guest: number): number;
  side(type: ValType): number;
  /** Function that tells which guest function a reference means. */
  identify(): number;
  /** Function of the guest's module for an instruction on a segment. */
  helper(number: number): number;
  /** Function that is told which table was written. */
  tableChanged(): number;
  /** Block type of a block that leaves values of those types. */
  blockType(results: readonly ValType[]): ValType | 'void' | number;
}

interface Used {
  readonly memories: Set<number>;
  readonly tables: Set<number>;
  readonly globals: Set<number>;
  readonly funcs: Set<number>;
  readonly funcrefs: Set<number>;
  readonly sides: Set<ValType>;
  identify: boolean;
  readonly helpers: Set<number>;
  tableChanged: boolean;
}

function collect(regions: readonly Region[]): Used {
  const used: Used = {
    memories: new Set(),
    tables: new Set(),
    globals: new Set(),
    funcs: new Set(),
    funcrefs: new Set(),
    sides: new Set(),
    identify: false,
    helpers: new Set(),
    tableChanged: false,
  };
  for (const region of regions) {
    for (const block of region.blocks) {
      for (const ins of block.body) {
        const { imm } = ins;
        const imms = opInfo(ins.op).row?.imms ?? [];
        // Static immediates in binary order are index, index2.
        const indices = [imm.index, imm.index2];
        for (const kind of imms) {
          if (kind === 'memarg') used.memories.add(imm.mem ?? 0);
          else if (kind === 'memory') used.memories.add(indices.shift() ?? imm.mem ?? 0);
          else if (kind === 'table') used.tables.add(indices.shift() ?? imm.table ?? 0);
          else if (kind === 'global') used.globals.add(indices.shift() ?? 0);
          else if (kind === 'func') used.funcrefs.add(indices.shift() ?? 0);
        }
        if (ins.op === 'guard.bounds' || ins.op === 'mem.bytes') used.memories.add(imm.mem ?? 0);
        if (ins.op === 'func.id') used.identify = true;
        if (ins.op === 'table.changed') used.tableChanged = true;
        if (ins.op === 'segment.init' || ins.op === 'segment.drop') used.helpers.add(imm.index ?? 0);
        if (ins.op === 'host.call') used.funcs.add(imm.func ?? 0);
        if (ins.op === 'slot.load' && isReference(ins.type)) used.sides.add(ins.type as ValType);
        if (effectOf(ins) === 'control') throw new EmitError('operation', ins.op);
      }
    }
    for (const snap of region.exits) {
      if (!snap) continue;
      for (const s of snap.stores) used.memories.add(s.mem);
      for (const g of snap.globals) used.globals.add(g.index);
      for (const s of snap.slots) if (isReference(s.value.type)) used.sides.add(s.value.type as ValType);
    }
  }
  return used;
}

const ascending = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);

/** Adds the imports that `regions` need to `b`. Throws {@link EmitError} `import` where the guest lacks something. */
export function addImports(b: ModuleBuilder, regions: readonly Region[], env: EmitEnv): Links {
  const { guest } = env;
  const used = collect(regions);
  const imports: EmitImport[] = [];
  const maps = new Map<string, Map<number | string, number>>();
  const note = (module: EmitImport['module'], kind: EmitImport['kind'], name: number | string, at: number): number => {
    imports.push({ module, name: String(name), kind, index: typeof name === 'number' ? name : -1 });
    const map = maps.get(module) ?? new Map();
    maps.set(module, map.set(name, at));
    return at;
  };
  const have = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new EmitError('import', what);
    return value;
  };
  const fragmentType = b.type(['i32', 'i32'], ['i32', 'i32']);
  for (const i of ascending(used.memories)) {
    const type = have(guest.memories[i], `memory ${i}`);
    note('memory', 'memory', i, b.importMemory('memory', String(i), type));
  }
  const machine = note(
    'machine',
    'memory',
    'memory',
    b.importMemory('machine', 'memory', { min: 1, max: env.machinePages, shared: true }),
  );
  const fragments = note(
    'machine',
    'table',
    'fragments',
    b.importTable('machine', 'fragments', { type: 'funcref', min: 0 }),
  );
  for (const i of ascending(used.tables)) {
    note('table', 'table', i, b.importTable('table', String(i), have(guest.tables[i], `table ${i}`)));
  }
  for (const type of [...used.sides].sort()) {
    if (!env.sideTypes.includes(type)) throw new EmitError('import', `side table for ${type}`);
    note('side', 'table', type, b.importTable('side', type, { type, min: 0 }));
  }
  for (const i of ascending(used.globals)) {
    note('global', 'global', i, b.importGlobal('global', String(i), have(guest.globals[i], `global ${i}`)));
  }
  for (const i of ascending(used.funcrefs)) {
    have(guest.functions[i], `function ${i}`);
    note('func', 'funcref', i, b.importGlobal('func', String(i), { type: 'funcref', mutable: false }));
  }
  if (used.identify) note('hook', 'func', 'identify', b.importFunc('hook', 'identify', b.type(['funcref'], ['i32'])));
  if (used.tableChanged)
    note('hook', 'func', 'tableChanged', b.importFunc('hook', 'tableChanged', b.type(['i32'], [])));
  for (const i of ascending(used.helpers)) {
    const { params, results } = have(env.helpers?.[i], `helper ${i}`);
    note('helper', 'func', i, b.importFunc('helper', String(i), b.type(params, results)));
  }
  for (const i of ascending(used.funcs)) {
    if (i >= guest.importedFunctions) throw new EmitError('import', `function ${i} is not imported`);
    note('import', 'func', i, b.importFunc('import', String(i), have(guest.functions[i], `function ${i}`)));
  }
  const at = (module: string) => (name: number | string) => have(maps.get(module)?.get(name), `${module} ${name}`);
  return {
    imports,
    machine,
    fragments,
    fragmentType,
    memory: at('memory'),
    table: at('table'),
    global: at('global'),
    func: at('import'),
    funcref: at('func'),
    side: at('side'),
    identify: () => at('hook')('identify'),
    helper: at('helper'),
    tableChanged: () => at('hook')('tableChanged'),
    blockType: (results) => (results.length > 1 ? b.type([], results) : (results[0] ?? 'void')),
  };
}
