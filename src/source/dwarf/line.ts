/**
 * Line tables: `.debug_line` of DWARF 2 to 5 (DWARF 5, section 6.2). A table is a program for a machine with an address, a
 * file, a line and a column; each row that it appends says where the code from this address on comes from.
 */
import { type Form, readForm, type Strings } from './forms.ts';
import type { DwarfReader } from './reader.ts';

export interface LineRow {
  /** Byte offset in the code section. */
  readonly address: number;
  readonly file: number;
  readonly line: number;
  readonly column: number;
  /** The first byte behind a sequence: from here on nothing is known. */
  readonly end: boolean;
}

export interface LineUnit {
  /** Where the unit begins in `.debug_line`; other sections name it by that. */
  readonly start: number;
  /** By number; directories are numbers of `directories`. */
  readonly files: readonly LineFile[];
  /** The first is the folder of the compilation; before DWARF 5 the table leaves it out. */
  readonly directories: readonly (string | null)[];
  readonly rows: readonly LineRow[];
}

export interface LineFile {
  readonly name: string;
  readonly directory: number;
  readonly content?: string;
}

/** All units of a section. */
export function readLineUnits(r: DwarfReader, strings: Strings): LineUnit[] {
  const units: LineUnit[] = [];
  while (!r.done) {
    const start = r.pos;
    const end = r.unitEnd();
    const version = r.u16();
    if (version >= 2 && version <= 5) units.push({ start, ...readUnit(r, version, end, strings) });
    r.pos = end;
  }
  return units;
}

function readUnit(r: DwarfReader, version: number, end: number, strings: Strings): Omit<LineUnit, 'start'> {
  const addressSize = version >= 5 ? r.u8() : 4;
  if (version >= 5) r.u8();
  const length = r.offset();
  const program = r.pos + length;
  const instruction = r.u8();
  if (version >= 4) r.u8();
  r.u8();
  const lineBase = r.s8();
  const lineRange = r.u8();
  const opcodeBase = r.u8();
  const operands = [0];
  for (let i = 1; i < opcodeBase; i++) operands.push(r.u8());
  const names = version >= 5 ? entryTables(r, strings, addressSize) : plainTables(r);
  r.pos = program;
  return { ...names, rows: run(r, end, { instruction, lineBase, lineRange, opcodeBase, operands }) };
}

type Tables = Pick<LineUnit, 'files' | 'directories'>;

/** Before DWARF 5: lists of strings; files count from 1, and directory 0 is not in the list. */
function plainTables(r: DwarfReader): Tables {
  const directories: (string | null)[] = [null];
  for (let d = r.cstring(); d !== ''; d = r.cstring()) directories.push(d);
  const files: LineFile[] = [{ name: '?', directory: 0 }];
  for (let name = r.cstring(); name !== ''; name = r.cstring()) {
    files.push({ name, directory: r.u32() });
    r.u32();
    r.u32();
  }
  return { directories, files };
}

const [CONTENT_PATH, CONTENT_DIRECTORY, CONTENT_SOURCE] = [1, 2, 0x2001];

/** Since DWARF 5: entries in a format that the table states. */
function entryTables(r: DwarfReader, strings: Strings, addressSize: number): Tables {
  const entries = () => {
    const format: { content: number; form: Form }[] = [];
    for (let n = r.u8(); n > 0; n--) format.push({ content: r.u32(), form: { form: r.u32() } });
    const list: Map<number, string | number | null>[] = [];
    for (let n = r.u32(); n > 0; n--)
      list.push(new Map(format.map(({ content, form }) => [content, readForm(r, form, strings, addressSize)])));
    return list;
  };
  const directories = entries().map((e) => String(e.get(CONTENT_PATH) ?? ''));
  const files = entries().map((e) => {
    const content = e.get(CONTENT_SOURCE);
    return {
      name: String(e.get(CONTENT_PATH) ?? '?'),
      directory: Number(e.get(CONTENT_DIRECTORY) ?? 0),
      ...(typeof content === 'string' && content !== '' ? { content } : {}),
    };
  });
  return { directories, files };
}

interface Header {
  readonly instruction: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many operands each standard opcode has. */
  readonly operands: readonly number[];
}

function run(r: DwarfReader, end: number, header: Header): LineRow[] {
  const rows: LineRow[] = [];
  const { instruction, lineBase, lineRange, opcodeBase } = header;
  let [address, file, line, column] = [0, 1, 1, 0];
  let sequence: LineRow[] = [];
  const append = (last: boolean) => sequence.push({ address, file, line, column, end: last });
  const special = (opcode: number) => Math.floor((opcode - opcodeBase) / lineRange) * instruction;
  const extended = () => {
    const size = r.u32();
    const next = r.pos + size;
    const code = r.u8();
    if (code === 1) {
      append(true);
      // Code that the linker left out stands at 0 or at the largest address.
      if (isCode(sequence[0]!.address)) rows.push(...sequence);
      sequence = [];
      [address, file, line, column] = [0, 1, 1, 0];
    } else if (code === 2) address = r.fixed(size - 1);
    r.pos = next;
  };
  const standard: Record<number, () => void> = {
    0: extended,
    1: () => append(false),
    2: () => (address += r.u32() * instruction),
    3: () => (line += r.s32()),
    4: () => (file = r.u32()),
    5: () => (column = r.u32()),
    8: () => (address += special(255)),
    9: () => (address += r.u16()),
  };
  while (r.pos < end) {
    const opcode = r.u8();
    if (opcode >= opcodeBase) {
      address += special(opcode);
      line += lineBase + ((opcode - opcodeBase) % lineRange);
      append(false);
    } else if (standard[opcode]) standard[opcode]();
    else for (let n = header.operands[opcode] ?? 0; n > 0; n--) r.u32();
  }
  return rows;
}

const isCode = (address: number) => address > 0 && address < 0xffff_fffe;
