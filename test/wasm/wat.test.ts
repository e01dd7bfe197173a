/** Files as modules: binary, text for wabt, text for binaryen, and everything that is neither. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UserError } from '../../src/errors.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { functionName } from '../../src/wasm/names.ts';
import { loadWasm, parseWat } from '../../src/wasm/wat.ts';

async function mistake(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    expect(error).to.be.instanceOf(UserError);
    const { message } = error as Error;
    expect(message).not.to.include('\n');
    return message;
  }
  throw new Error('nothing was thrown');
}

describe('module files', () => {
  const dir = mkdtempSync(join(tmpdir(), 'wynamo-wat-'));
  after(() => rmSync(dir, { recursive: true }));
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };

  it('in binary are taken as they are, whatever their name', async () => {
    const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0xff]);
    expect([...(await loadWasm(file('x.wat', bytes)))]).to.deep.equal([...bytes]);
  });

  it('in text are assembled with their names', async () => {
    const path = file(
      'add.wat',
      ';; adds\n(module (func $add (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))',
    );
    const module = decodeModule(await loadWasm(path));
    expect(functionName(module, 0)).to.equal('add');
  });

  it('that wabt cannot read binaryen does', async () => {
    const text =
      '(module (type $s (struct (field i32))) (func (export "f") (result i32) (struct.get $s 0 (struct.new $s (i32.const 7)))))';
    const bytes = await loadWasm(file('gc.wat', text));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    expect((exports.f as () => number)()).to.equal(7);
  });

  it('that are missing, a folder or no module are named', async () => {
    const missing = join(dir, 'none.wasm');
    expect(await mistake(loadWasm(missing))).to.equal(`there is no file ${missing}`);
    expect(await mistake(loadWasm(dir))).to.match(/ cannot be read: it is a folder/);
    for (const content of ['', 'hello', '\u0000asn', '\u007fELF']) {
      const path = file('no.wasm', content);
      expect(await mistake(loadWasm(path))).to.include(`${path} is neither a WebAssembly binary`);
    }
  });

  it('in text with a mistake tell its place', async () => {
    const message = await mistake(loadWasm(file('bad.wat', '(module\n  (func (result i32) i32.foo))')));
    expect(message).to.match(/bad\.wat is not valid WebAssembly text: line 2:\d+: .*i32\.foo/);
  });

  it('in text beyond ASCII are read', async () => {
    const text = '(module (func (export "größe ∞") (result i32) (i32.const 7))) ;; schön';
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(await loadWasm(file('näme.wat', text))));
    expect((exports['größe ∞'] as () => number)()).to.equal(7);
  });

  it('in text that only binaryen knows get its complaints', async () => {
    const head = '(module (type $s (struct (field i32)))\n';
    const syntax = await mistake(loadWasm(file('gc.wat', `${head} (func (struct.foo)))`)));
    expect(syntax).to.match(/gc\.wat is not valid WebAssembly text: line 2:\d+: unrecognized instruction$/);
    const type = await mistake(
      loadWasm(file('gc.wat', `${head} (func $f (result i64) (struct.get $s 0 (struct.new_default $s))))`)),
    );
    expect(type).to.match(/gc\.wat is not valid WebAssembly text: function f: .*type/);
  });

  it('in text that does not validate are refused', async () => {
    const message = await mistake(loadWasm(file('type.wat', '(module (func (result i32) f32.const 0))')));
    expect(message).to.match(/type\.wat is not valid WebAssembly text: .*type mismatch/);
  });

  it('that a parser does not finish are given up after the limit', async () => {
    const deep = '(block '.repeat(3000) + ')'.repeat(3000);
    const message = await mistake(parseWat(`(module (func ${deep}) (func i32.foo))`, 'deep.wat', 1));
    // Which end comes first, the limit's or their own, differs between runs.
    expect(message).to.match(
      /^deep\.wat (could not be read \(wabt: .+; binaryen: .+\); assemble it|is not valid WebAssembly text: line 1:)/,
    );
  });
});
