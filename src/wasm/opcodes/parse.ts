/**
 * Reads opcode rows from their text. One line a row:
 *
 *     code(hex) name immediates(comma-separated, - for none) signature effect [bytes=N] [inverse=NAME] [commutes]
 *
 * Signatures have a letter a type: i i32, I i64, f f32, F f64, v v128; params, colon, results; `-` where operands depend
 * on immediates or on the stack. `since NAME` names the proposal of the lines below it.
 */
import type { Effect, Imm, OpRow, ValType } from '../row.ts';

const LETTERS: Record<string, ValType> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64', v: 'v128' };

function types(letters: string): ValType[] {
  return [...letters].map((l) => {
    const type = LETTERS[l];
    if (!type) throw new Error(`no type has the letter ${l}`);
    return type;
  });
}

export function parseRows(text: string): OpRow[] {
  const rows: OpRow[] = [];
  let since = '';
  for (const line of text.trim().split('\n')) {
    const [code, name, imms, sig, effect, ...rest] = line.split(' ') as [string, string, string, string, Effect];
    if (code === 'since') {
      since = name;
      continue;
    }
    const extra = rest as string[];
    const find = (key: string) => extra.find((e) => e.startsWith(`${key}=`))?.slice(key.length + 1);
    const bytes = find('bytes');
    const inverse = find('inverse');
    const [params = '', results = ''] = sig.split(':');
    rows.push({
      name,
      code: Number.parseInt(code, 16),
      imms: imms === '-' ? [] : (imms.split(',') as Imm[]),
      sig: sig === '-' ? null : { params: types(params), results: types(results) },
      effect,
      since,
      ...(bytes === undefined ? {} : { bytes: Number(bytes) }),
      ...(inverse === undefined ? {} : { inverse }),
      ...(extra.includes('commutes') ? { commutes: true as const } : {}),
    });
  }
  return rows;
}
