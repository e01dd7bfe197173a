/** Modules built from parts: indices, sections, hints; the host has the last word. */
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { BodyReader } from '../../src/wasm/body.ts';
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { customSections, functionName } from '../../src/wasm/names.ts';
import { Reader } from '../../src/wasm/reader.ts';
import type { ValType } from '../../src/wasm/row.ts';
import { FREE_FORM } from './snippets.ts';

const code = () => new CodeWriter();

function exportsOf(b: ModuleBuilder, imports?: WebAssembly.Imports): Record<string, unknown> {
  return new WebAssembly.Instance(new WebAssembly.Module(b.finish()), imports).exports;
}

describe('module builder', () => {
  it('imports and defines one of each kind', () => {
    const b = new ModuleBuilder();
    const unary = b.type(['i32'], ['i32']);
    const tagged = b.type(['i32'], []);
    const f = b.importFunc('m', 'f', unary);
    const mem = b.importMemory('m', 'memory', { min: 1, max: 2, shared: true });
    const table = b.importTable('m', 'table', { type: 'externref', min: 1, max: 5 });
    const global = b.importGlobal('m', 'global', { type: 'i64', mutable: true });
    const tag = b.importTag('m', 'tag', tagged);
    const own = b.declare(unary, 'own');
    expect([f, mem, table, global, tag, own]).to.deep.equal([0, 0, 0, 0, 0, 1]);
    const mem2 = b.memory({ min: 1, i64: true });
    const table2 = b.table({ type: 'funcref', min: 3, max: 3 });
    const table3 = b.table({ type: 'funcref', min: 1, i64: true });
    const global2 = b.global({ type: 'f64', mutable: false }, code().op('f64.const', 0x3ff8n << 48n));
    expect([mem2, table2, table3, global2]).to.deep.equal([1, 1, 2, 1]);
    b.elem(table2, 1, [own, f]);
    b.declareFuncs([own]);
    b.define(
      own,
      ['i32', 'i32', 'f64', 'i32'],
      code()
        .op('i64.const', 8n)
        .op('local.get', 0)
        .op('i32.store', mem2, 2 ** 32 - 1)
        .op('global.get', global)
        .op('i64.const', 1n)
        .op('i64.add')
        .op('global.set', global)
        .op('local.get', 0)
        .op('call', f)
        .op('ref.func', own)
        .op('drop'),
    );
    b.export('own', 'func', own);
    b.export('table', 'table', table2);
    b.export('global', 'global', global2);
    b.custom('extra', new Uint8Array([1, 2, 3]));
    const bytes = b.finish();
    const imports = {
      m: {
        f: (n: number) => n * 2,
        memory: new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }),
        table: new WebAssembly.Table({ element: 'externref', initial: 1, maximum: 5 }),
        global: new WebAssembly.Global({ value: 'i64', mutable: true }, 41n),
        tag: new WebAssembly.Tag({ parameters: ['i32'] }),
      },
    };
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, imports);
    expect(() => (exports.own as (n: number) => number)(21)).to.throw(WebAssembly.RuntimeError, 'out of bounds');
    const t = exports.table as WebAssembly.Table;
    expect([t.length, t.get(0), t.get(1)]).to.deep.equal([3, null, exports.own]);
    expect((exports.global as WebAssembly.Global).value).to.equal(1.5);
    const decoded = decodeModule(bytes);
    expect(decoded.memories.map((m) => [m.min, m.max, m.shared, m.i64])).to.deep.equal([
      [1, 2, true, false],
      [1, undefined, false, true],
    ]);
    expect(decoded.tables.map((d) => [d.type, d.min, d.max, d.i64])).to.deep.equal([
      ['externref', 1, 5, false],
      ['funcref', 3, 3, false],
      ['funcref', 1, undefined, true],
    ]);
    expect(decoded.globals.map((g) => [g.type, g.mutable, g.imported !== undefined])).to.deep.equal([
      ['i64', true, true],
      ['f64', false, false],
    ]);
    expect(decoded.elements.map((e) => [e.mode, e.table, e.funcs])).to.deep.equal([
      ['active', 1, [1, 0]],
      ['declarative', 0, [1]],
    ]);
    expect(decoded.tags).to.have.length(1);
    expect(customSections(decoded, 'extra').map((s) => [...s])).to.deep.equal([[1, 2, 3]]);
    expect(functionName(decoded, own)).to.equal('own');
    expect(new BodyReader(decoded, own).locals).to.deep.equal(['i32', 'i32', 'i32', 'f64', 'i32']);
  });

  it('refuses what would move indices, and functions without a body', () => {
    const b = new ModuleBuilder();
    const t = b.type([], []);
    b.declare(t, 'f');
    expect(() => b.importFunc('m', 'g', t)).to.throw('imports come before definitions');
    expect(() => b.copyTypes(decodeModule(b.finish.call(new ModuleBuilder())))).to.throw('copyTypes comes first');
    expect(() => b.finish()).to.throw('function f has no body');
    expect(() => b.define(7, [], code())).to.throw('function 7 was not declared');
  });

  it('gives one index to equal function types', () => {
    const b = new ModuleBuilder();
    expect(b.type(['i32'], [])).to.equal(0);
    expect(b.type([], ['i32'])).to.equal(1);
    expect(b.type(['i32'], [])).to.equal(0);
    expect(b.type(['(ref null 0)'], [])).to.equal(2);
  });

  it('copies all types of a guest, so that its indices stay valid', () => {
    const guest = decodeModule(FREE_FORM['struct.get']!());
    const b = new ModuleBuilder();
    b.copyTypes(guest);
    expect(b.type(['i32'], ['i32'])).to.equal(1);
    const made = b.type([], ['i32', '(ref null 2)']);
    expect(made).to.equal(guest.types.length);
    const f = b.declare(made, '');
    b.define(f, [], code().op('i32.const', 1).op('struct.new_default', 2));
    const module = decodeModule(b.finish());
    expect(module.types.slice(0, -1)).to.deep.equal(guest.types);
    expect(WebAssembly.validate(b.finish())).to.equal(true);
  });

  it('copies recursive groups', () => {
    // (rec (type 0 (struct (field (ref null 1)))) (type 1 (func (param (ref null 0))))), type 2: () -> ()
    const types = [2, 0x4e, 2, 0x5f, 1, 0x63, 1, 0, 0x60, 1, 0x63, 0, 0, 0x60, 0, 0];
    const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, types.length, ...types]);
    const guest = decodeModule(bytes);
    expect(guest.rawTypes.groups).to.equal(2);
    expect(guest.types.map((t) => [t.kind, t.plain])).to.deep.equal([
      ['struct', false],
      ['func', false],
      ['func', true],
    ]);
    const b = new ModuleBuilder();
    b.copyTypes(guest);
    expect(b.type([], [])).to.equal(2);
    // In a group of its own it is another type than type 1.
    const alone = b.type(['(ref null 0)'], []);
    expect(alone).to.equal(3);
    const f = b.declare(1, '');
    b.define(f, [], code());
    b.export('f', 'func', f);
    expect(WebAssembly.validate(b.finish())).to.equal(true);
  });

  it('groups equal locals, of which there may be thousands', () => {
    const b = new ModuleBuilder();
    const f = b.declare(b.type([], []), '');
    const locals = Array.from({ length: 40_000 }, (): ValType => 'i64').concat(['f32', 'i64']);
    b.define(f, locals, code().op('i64.const', 1n).op('local.set', 40_001));
    const bytes = b.finish();
    expect(bytes.length).to.be.below(60);
    expect(WebAssembly.validate(bytes)).to.equal(true);
    expect(new BodyReader(decodeModule(bytes), f).locals).to.deep.equal(locals);
  });

  it('hints stand at their branches, counted from the beginning of the body', () => {
    const b = new ModuleBuilder();
    b.importFunc('m', 'f', b.type([], []));
    const t = b.type(['i32'], []);
    const plain = b.declare(t, '');
    b.define(plain, [], code().op('local.get', 0).op('br_if', 0));
    const hinted = b.declare(t, '');
    const c = code().op('block', 'void').op('local.get', 0).hint(false).op('br_if', 0).op('end');
    c.op('local.get', 0).op('br_if', 0).op('local.get', 0).hint(true).op('if', 'void').op('end');
    b.define(hinted, ['i32', 'f64', 'f64'], c);
    const module = decodeModule(b.finish());
    const r = new Reader(customSections(module, 'metadata.code.branch_hint')[0]!);
    const found: [number, boolean][] = [];
    expect([r.u32(), r.u32()]).to.deep.equal([1, hinted]);
    for (let n = r.u32(); n > 0; n--) {
      const offset = r.u32();
      expect(r.u32()).to.equal(1);
      found.push([offset, r.u8() === 1]);
    }
    expect(r.done).to.equal(true);
    const { start } = module.code[1]!;
    expect(found.map(([offset, likely]) => [module.bytes[start + offset], likely])).to.deep.equal([
      [0x0d, false],
      [0x04, true],
    ]);
    const body = new BodyReader(module, hinted);
    const offsets: number[] = [];
    while (body.next()) if (['br_if', 'if'].includes(body.op.name)) offsets.push(body.offset - start);
    expect(found.map(([offset]) => offset)).to.deep.equal([offsets[0], offsets[2]]);
  });

  it('asks the host for its optimizing compiler, function by function', () => {
    // Only a process with V8's flags can tell in which tier a function is.
    const script = `
      import { ModuleBuilder } from './src/wasm/builder.ts';
      import { CodeWriter } from './src/wasm/code.ts';
      const b = new ModuleBuilder();
      const t = b.type(['i32'], ['i32']);
      const names = ['a', 'b', 'c', 'd'];
      const funcs = names.map((n) => b.declare(t, n));
      names.forEach((n, i) => {
        b.define(funcs[i], [], new CodeWriter().op('local.get', 0).op('i32.const', i).op('i32.add'));
        b.export(n, 'func', funcs[i]);
      });
      b.compileHint(funcs[3]);
      b.compileHint(funcs[1]);
      // Synchronously: V8 does not keep the process alive for an asynchronous compilation with hints.
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(b.finish()), {});
      const tiers = () => names.map((n) => { exports[n](1); return %IsTurboFanFunction(exports[n]) ? 1 : 0; }).join('');
      const end = Date.now() + 20000;
      while (tiers() !== '0101' && Date.now() < end) await new Promise((r) => setTimeout(r, 20));
      console.log(tiers());`;
    const flags = ['--allow-natives-syntax', '--experimental-wasm-compilation-hints', '--input-type=module'];
    const out = execFileSync(process.execPath, [...flags, '-e', script], {
      cwd: new URL('../..', import.meta.url),
      encoding: 'utf8',
    });
    expect(out.trim()).to.equal('0101');
  });

  it('writes every value type', () => {
    const types: ValType[] = ['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref', 'anyref', 'eqref', 'i31ref'];
    types.push('structref', 'arrayref', 'exnref', 'nullref', 'nullfuncref', 'nullexternref', 'nullexnref');
    types.push('(ref func)', '(ref null 0)', '(ref 0)', '(ref i31)');
    const b = new ModuleBuilder();
    b.type([], []);
    const t = b.type(types, types);
    const f = b.declare(t, '');
    const c = code();
    types.forEach((_, i) => c.op('local.get', i));
    b.define(f, [], c);
    const bytes = b.finish();
    expect(WebAssembly.validate(bytes)).to.equal(true);
    const type = decodeModule(bytes).types[t];
    expect(type?.kind === 'func' && type.params).to.deep.equal(types);
    expect(() => b.type(['i33' as ValType], [])).to.throw(RangeError, 'no value type is called i33');
  });

  it('makes an empty module of nothing', () => {
    expect([...new ModuleBuilder().finish()]).to.deep.equal([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    expect(exportsOf(new ModuleBuilder())).to.deep.equal(Object.create(null));
  });
});
