/** JSON files that the user names: what is wrong with one is one sentence. */
import { readFileSync } from 'node:fs';
import { UserError } from './errors.ts';

/** What the file holds; `from` says who names it, as in `WYNAMO_CONFIG: there is no file x.json`. */
export function readJson(path: string, from = ''): unknown {
  const wrong = (what: string) => new UserError(from ? `${from}: ${what}` : what);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw wrong(code === 'ENOENT' ? `there is no file ${path}` : `cannot read ${path}: ${code}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(`${path} is no JSON: ${(error as Error).message}`);
  }
}
