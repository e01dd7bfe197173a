/** Reading a guest from a file: binary or text format, with one clear sentence for everything that is neither. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read',
  ENOTDIR: 'does not exist',
};

/** Bytes of the module in `path`, translated when it is in the text format. */
export async function loadGuest(path: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    // A plain array: a Buffer may be a view of a pool.
    bytes = Uint8Array.from(await readFile(path));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new UserError(`${path} ${REASONS[code] ?? `cannot be read (${code})`}`);
  }
  if (bytes.length === 0) throw new UserError(`${path} is empty`);
  if (bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d) return bytes;
  if (looksLikeText(path, bytes)) {
    const { loadWasm } = await import('../wasm/wat.ts');
    return loadWasm(path);
  }
  throw new UserError(`${path} is no WebAssembly module: it starts with neither \\0asm nor text`);
}

/** By its name, or because it starts with `(` or `;;` after white space. */
function looksLikeText(path: string, bytes: Uint8Array): boolean {
  if (/\.wa(t|st)$/.test(path)) return true;
  const head = new TextDecoder().decode(bytes.subarray(0, 64));
  return /^\s*(\(|;;)/.test(head);
}
