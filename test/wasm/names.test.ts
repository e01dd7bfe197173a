/** Names, DWARF and source maps in custom sections, sound and broken. */
import { expect } from 'chai';
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import type { WasmModule } from '../../src/wasm/module.ts';
import { customSections, functionName, hasDwarf, localName, sourceMapUrl } from '../../src/wasm/names.ts';
import { Writer } from '../../src/wasm/writer.ts';

/** Two functions, the second exported as `second` and `again`, with these custom sections. */
function withSections(sections: Record<string, Uint8Array>): WasmModule {
  const b = new ModuleBuilder();
  const t = b.type(['i32'], []);
  const [f, g] = [b.declare(t), b.declare(t)];
  b.define(f, [], new CodeWriter());
  b.define(g, [], new CodeWriter());
  b.export('second', 'func', g);
  b.export('again', 'func', g);
  for (const [name, bytes] of Object.entries(sections)) b.custom(name, bytes);
  return decodeModule(b.finish());
}

const map = (entries: [number, string][]) => {
  const w = new Writer().u32(entries.length);
  for (const [i, name] of entries) w.u32(i).name(name);
  return w;
};
const subsection = (id: number, content: Writer) => new Writer().u8(id).sized(content).finish();
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('names', () => {
  const functions = subsection(
    1,
    map([
      [0, 'näme\u0000\uFEFF'],
      [1, 'own'],
    ]),
  );
  const module = subsection(0, new Writer().name('the module'));
  const locals = subsection(
    2,
    new Writer()
      .u32(1)
      .u32(1)
      .raw(map([[0, 'p']]).finish()),
  );
  const unknown = subsection(99, new Writer().raw(new Uint8Array([1, 2, 3])));

  it('of functions and locals, among subsections that nobody knows', () => {
    const m = withSections({ name: join(module, unknown, functions, locals) });
    expect([functionName(m, 0), functionName(m, 1), functionName(m, 2)]).to.deep.equal([
      'näme\u0000\uFEFF',
      'own',
      null,
    ]);
    expect([localName(m, 1, 0), localName(m, 1, 1), localName(m, 0, 0)]).to.deep.equal(['p', null, null]);
  });

  it('are export names where there are no others', () => {
    const m = withSections({});
    expect([functionName(m, 0), functionName(m, 1)]).to.deep.equal([null, 'second']);
  });

  it('in a broken section count as far as they can be read', () => {
    const whole = join(functions, locals);
    for (let length = 0; length < whole.length; length++) {
      const m = withSections({ name: whole.slice(0, length) });
      expect(functionName(m, 1), `cut at ${length}`).to.be.oneOf(['own', 'second']);
      expect(localName(m, 1, 0), `cut at ${length}`).to.be.oneOf(['p', null]);
    }
    const cut = withSections({ name: join(functions, locals.slice(0, 3)) });
    expect(functionName(cut, 1)).to.equal('own');
    const long = withSections({
      name: new Writer()
        .u8(1)
        .u32(100)
        .u32(2 ** 31)
        .u32(0)
        .name('x')
        .finish(),
    });
    expect(functionName(long, 0)).to.equal('x');
  });

  it('of the source map and whether there is DWARF', () => {
    const url = 'https://example.org/x.wasm.map?ü';
    const m = withSections({ sourceMappingURL: new Writer().name(url).finish(), '.debug_line': new Uint8Array(4) });
    expect(sourceMapUrl(m)).to.equal(url);
    expect(hasDwarf(m)).to.equal(true);
    const bare = withSections({});
    expect(sourceMapUrl(bare)).to.equal(null);
    expect(hasDwarf(bare)).to.equal(false);
    expect(customSections(m, '.debug_line').map((s) => s.length)).to.deep.equal([4]);
    expect(sourceMapUrl(withSections({ sourceMappingURL: new Uint8Array() }))).to.equal(null);
  });
});
