/**
 * Guest values as text: arguments of `--invoke` and its printed results.
 *
 *     parseValue('i32', '0xff') === 255;  parseValue('f32', '-inf') === -Infinity;  printValue('f32', 0.1f) === '0.1'
 */
import { UserError } from '../errors.ts';

/** Decimal or hexadecimal digits with `_` between them. */
const INTEGER = /^([+-]?)(0x[0-9a-f](?:_?[0-9a-f])*|\d(?:_?\d)*)$/i;
const HEX_FLOAT = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** An integer of `bits` bits, signed or unsigned, as its signed value; undefined when it is none. */
function integer(text: string, bits: number): bigint | undefined {
  const m = INTEGER.exec(text);
  if (!m) return undefined;
  const magnitude = BigInt(m[2]!.replaceAll('_', ''));
  const value = m[1] === '-' ? -magnitude : magnitude;
  const half = 1n << BigInt(bits - 1);
  return value >= -half && value < 2n * half ? BigInt.asIntN(bits, value) : undefined;
}

/** A float in decimal, hexadecimal (`0x1.8p-3`), `inf` or `nan`; undefined when it is none. */
function float(text: string): number | undefined {
  const plain = text.replaceAll('_', '').toLowerCase();
  const special = /^([+-]?)(inf(?:inity)?|nan)$/.exec(plain);
  if (special) return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
  if (DECIMAL.test(plain)) return Number(plain);
  const m = HEX_FLOAT.exec(plain);
  const digits = (m?.[2] ?? '') + (m?.[3] ?? '');
  if (!m || digits === '') return undefined;
  // Up to 13 digits are exact in a double; more than that would round twice.
  if (digits.replace(/^0+/, '').length > 13) return undefined;
  const value = Number(`0x${digits}`) * 2 ** (Number(m[4] ?? 0) - 4 * (m[3]?.length ?? 0));
  return m[1] === '-' ? -value : value;
}

/** The JavaScript value that the host takes for `text` as a `type`; throws a UserError when it is none. */
export function parseValue(type: string, text: string): number | bigint | null {
  const wrong = (wants: string) => new UserError(`'${text}' is no ${type}: it takes ${wants}`);
  switch (type) {
    case 'i32': {
      const value = integer(text, 32);
      if (value === undefined) throw wrong('a whole number of 32 bits such as -7 or 0xffff');
      return Number(value);
    }
    case 'i64': {
      const value = integer(text, 64);
      if (value === undefined) throw wrong('a whole number of 64 bits such as -7 or 0xffff');
      return value;
    }
    case 'f32':
    case 'f64': {
      const value = float(text);
      if (value === undefined) throw wrong('a number such as 1.5, -2e10, 0x1.8p3, inf or nan');
      return type === 'f32' ? Math.fround(value) : value;
    }
    default:
      // References: the only value that can be written down is null.
      if (type.includes('ref') && text === 'null') return null;
      throw new UserError(`an argument of type ${type} cannot be given on the command line`);
  }
}

/** Shortest decimal text that reads back as the same f32. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** `value` as one line, in a form that {@link parseValue} reads. */
export function printValue(type: string, value: unknown): string {
  if (type === 'f32' || type === 'f64') {
    const number = value as number;
    if (Number.isNaN(number)) return 'nan';
    if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
    if (Object.is(number, -0)) return '-0';
    return type === 'f32' ? shortest(number) : String(number);
  }
  if (value === null) return 'null';
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : `[${type}]`;
}
