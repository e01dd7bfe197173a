/**
 * The folders in which the units of a program were compiled, from the first entry of each unit in `.debug_info`: line tables
 * before DWARF 5 leave them out.
 */
import { type Form, readForm, type Strings } from './forms.ts';
import type { DwarfReader } from './reader.ts';

const [STMT_LIST, COMP_DIR] = [0x10, 0x1b];
const IMPLICIT_CONST = 33;

type Attributes = { attribute: number; form: Form }[];

/** By the start of the unit's line table. Compilers put the unit's own entry first, so nothing else is read. */
export function compilationFolders(info: DwarfReader, abbrev: DwarfReader, strings: Strings): Map<number, string> {
  const folders = new Map<number, string>();
  while (!info.done) {
    const end = info.unitEnd();
    const version = info.u16();
    if (version >= 2 && version <= 5) {
      const type = version >= 5 ? info.u8() : 1;
      const early = version >= 5 ? info.u8() : 0;
      const table = info.offset();
      const addressSize = version >= 5 ? early : info.u8();
      // Skeletons and split units have a number of 8 bytes here, units of types more.
      if (type === 4 || type === 5) info.slice(8);
      const values = new Map<number, string | number | null>();
      if (type !== 2 && type !== 6)
        for (const { attribute, form } of declaration(abbrev, table, info.u32()))
          values.set(attribute, readForm(info, form, strings, addressSize));
      const [line, folder] = [values.get(STMT_LIST), values.get(COMP_DIR)];
      if (typeof line === 'number' && typeof folder === 'string') folders.set(line, folder);
    }
    info.pos = end;
  }
  return folders;
}

/** Attributes of the abbreviation with this code. */
function declaration(r: DwarfReader, table: number, wanted: number): Attributes {
  r.pos = table;
  for (let code = r.u32(); code !== 0; code = r.u32()) {
    r.u32();
    r.u8();
    const list: Attributes = [];
    for (;;) {
      const attribute = r.u32();
      const form = r.u32();
      const implicit = form === IMPLICIT_CONST ? Number(r.s64()) : undefined;
      if (attribute === 0 && form === 0) break;
      list.push({ attribute, form: implicit === undefined ? { form } : { form, implicit } });
    }
    if (code === wanted) return list;
  }
  return [];
}
