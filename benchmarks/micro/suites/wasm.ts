/** The Wasm layer on a real module, quickjs.wasm (637 kB): section decoding, body decoding, the flat scan, encoding. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BodyReader } from '../../../src/wasm/body.ts';
import { ModuleBuilder } from '../../../src/wasm/builder.ts';
import { CodeWriter } from '../../../src/wasm/code.ts';
import { decodeModule } from '../../../src/wasm/decode.ts';
import { scan } from '../../../src/wasm/scan.ts';

const bytes = new Uint8Array(readFileSync(fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'))));
const decoded = decodeModule(bytes);

/** Instructions in all bodies, so that a time can be read as one for each. */
function readBodies(): number {
  let count = 0;
  for (let i = 0; i < decoded.code.length; i++) {
    const body = new BodyReader(decoded, decoded.importedFunctions + i);
    while (body.next()) count++;
  }
  return count;
}

const instructions = readBodies();

/** A module of one function with about a thousand instructions: the size of a large fragment. */
function encode(): Uint8Array {
  const builder = new ModuleBuilder();
  const type = builder.type(['i32'], ['i32']);
  const code = new CodeWriter();
  for (let i = 0; i < 250; i++) code.op('local.get', 0).op('i32.const', i).op('i32.add').op('local.set', 0);
  code.op('local.get', 0);
  const func = builder.declare(type, 'f');
  builder.define(func, [], code.op('end'));
  builder.export('f', 'func', func);
  return builder.finish();
}

export const doc = `quickjs.wasm: ${decoded.code.length} functions, ${instructions} instructions`;

export const cases = {
  'decode: sections': () => decodeModule(bytes),
  [`decode: all bodies, ${instructions} instructions`]: readBodies,
  // A scan is remembered by its module: the copy has to be scanned again.
  [`scan: all bodies, ${instructions} instructions`]: () => scan({ ...decoded }),
  'encode: a module of 1,001 instructions': encode,
};
