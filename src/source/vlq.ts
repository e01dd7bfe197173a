/** The numbers of source maps: six bits a character, the lowest five of them value, least significant first, sign in bit 0. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...DIGITS].map((c, i) => [c.charCodeAt(0), i]));

/** Calls `visit` with the fields of each segment of the first line of `mappings`; the array is used again. */
export function eachSegment(mappings: string, visit: (fields: readonly number[]) => void): void {
  const fields: number[] = [];
  let value = 0;
  let scale = 1;
  const segment = () => {
    if (fields.length > 0) visit(fields);
    fields.length = 0;
  };
  for (let i = 0; i < mappings.length; i++) {
    const c = mappings.charCodeAt(i);
    // Code of Wasm is one line: its columns are byte offsets.
    if (c === 0x3b) break;
    if (c === 0x2c) {
      segment();
      continue;
    }
    const digit = VALUES.get(c);
    if (digit === undefined) throw new RangeError(`'${mappings[i]}' is no digit of a source map`);
    value += (digit & 31) * scale;
    scale *= 32;
    if (digit & 32) continue;
    fields.push(value % 2 ? -(value - 1) / 2 : value / 2);
    value = 0;
    scale = 1;
  }
  segment();
}
