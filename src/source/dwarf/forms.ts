/** Values of attributes by their form (DWARF 5, section 7.5.6): read where they are text or a number, else passed over. */
import type { DwarfReader } from './reader.ts';

/** Sections that hold strings; missing ones are empty. */
export interface Strings {
  readonly str: DwarfReader;
  readonly lineStr: DwarfReader;
}

/** Bytes of the values of forms that are nothing but bytes: data, ref, flag, and indices of a fixed size. */
const FIXED: Readonly<Record<number, number>> = {
  5: 2,
  6: 4,
  7: 8,
  11: 1,
  12: 1,
  17: 1,
  18: 2,
  19: 4,
  20: 8,
  28: 4,
  30: 16,
  32: 8,
  36: 8,
  37: 1,
  38: 2,
  39: 3,
  40: 4,
  41: 1,
  42: 2,
  43: 3,
  44: 4,
};
const [ADDR, BLOCK2, BLOCK4, STRING, BLOCK, BLOCK1] = [1, 3, 4, 8, 9, 10];
const [SDATA, STRP, UDATA, REF_UDATA, INDIRECT, SEC_OFFSET] = [13, 14, 15, 21, 22, 23];
const [EXPRLOC, FLAG_PRESENT, STRX, ADDRX, STRP_SUP, LINE_STRP] = [24, 25, 26, 27, 29, 31];
const [IMPLICIT_CONST, LOCLISTX, RNGLISTX, REF_ADDR, STRX1, STRX4] = [33, 34, 35, 16, 37, 40];

/** A form in use: `implicit` is the value that stands with its declaration. */
export interface Form {
  readonly form: number;
  readonly implicit?: number;
}

function at(section: DwarfReader, offset: number): string {
  section.pos = offset;
  return section.cstring();
}

/** The value at the cursor; null for what is neither text nor a number, and for strings by index. */
export function readForm(
  r: DwarfReader,
  { form, implicit }: Form,
  strings: Strings,
  addressSize: number,
): string | number | null {
  switch (form) {
    case ADDR:
      return r.fixed(addressSize);
    case STRING:
      return r.cstring();
    case STRP:
      return at(strings.str, r.offset());
    case LINE_STRP:
      return at(strings.lineStr, r.offset());
    case SEC_OFFSET:
    case REF_ADDR:
    case STRP_SUP:
      return r.offset();
    case UDATA:
    case REF_UDATA:
    case ADDRX:
    case LOCLISTX:
    case RNGLISTX:
      return Number(r.u64());
    case SDATA:
      return Number(r.s64());
    case STRX:
      r.u64();
      return null;
    case BLOCK:
    case EXPRLOC:
      r.slice(r.u32());
      return null;
    case BLOCK1:
    case BLOCK2:
    case BLOCK4:
      r.slice(r.fixed(form === BLOCK1 ? 1 : form === BLOCK2 ? 2 : 4));
      return null;
    case FLAG_PRESENT:
      return 1;
    case IMPLICIT_CONST:
      return implicit ?? 0;
    case INDIRECT:
      return readForm(r, { form: r.u32() }, strings, addressSize);
  }
  const size = FIXED[form];
  if (size === undefined) throw new RangeError(`form ${form} of DWARF is not known`);
  const value = size > 8 ? r.slice(size) : r.fixed(size);
  return typeof value === 'number' && !(form >= STRX1 && form <= STRX4) ? value : null;
}
