/**
 * Golden files: `golden/<claim>.trace` holds a region, a line `====`, and the Wasm that the emitter has to make of it.
 * The file's name is the claim. `BLESS=1` rewrites what is expected; look at the difference before committing it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { disassembleModule } from '../../src/wasm/disasm.ts';
import { Rig } from './harness.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const SEPARATOR = '====\n';

/** Text of the fragment without byte offsets, which every change would move. */
function wasmOf(region: string): string {
  const { emitted } = new Rig({ guest: '(module (memory (export "mem0") 1))', region });
  const lines = disassembleModule(emitted.bytes).split('\n');
  return `${lines.map((l) => l.replace(/^[0-9a-f]{6} {2}/, '  ')).join('\n')}\n`;
}

describe('golden Wasm', () => {
  for (const file of readdirSync(GOLDEN)) {
    it(file.replace(/\.trace$/, '').replaceAll('-', ' '), () => {
      const path = join(GOLDEN, file);
      const [input, expected] = readFileSync(path, 'utf8').split(SEPARATOR) as [string, string | undefined];
      const got = wasmOf(input);
      if (process.env.BLESS) writeFileSync(path, `${input}${SEPARATOR}${got}`);
      else expect(got, 'BLESS=1 rewrites the file').to.equal(expected);
    });
  }
});
