/** Re-bodied modules: valid whenever the original is, with everything of the guest's kept and what is added hidden. */
import { expect } from 'chai';
import { helpersOf } from '../../src/guest/helpers.ts';
import { rebody } from '../../src/guest/rebody.ts';
import { BodyReader } from '../../src/wasm/body.ts';
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import type { WasmModule } from '../../src/wasm/module.ts';
import { functionName } from '../../src/wasm/names.ts';
import { type CorpusModule, guestModules, suiteMissing, suiteModules } from '../wasm/corpus.ts';
import { FREE_FORM } from '../wasm/snippets.ts';

/** Fails unless the re-bodied module is valid and keeps the original's surface. */
function check({ name, bytes }: CorpusModule, twin: boolean): void {
  const module = decodeModule(bytes);
  const { bytes: made, names, entryTypes } = rebody(module, { twin, helpers: helpersOf(module) });
  try {
    new WebAssembly.Module(made);
  } catch (error) {
    expect.fail(`${name} (twin: ${twin}): ${(error as Error).message}`);
  }
  const again = decodeModule(made);
  expect(again.imports, name).to.deep.equal(module.imports);
  expect(again.exports.slice(0, module.exports.length), name).to.deep.equal(module.exports);
  for (const e of again.exports.slice(module.exports.length)) {
    expect(e.name.startsWith(`${names.prefix}.`), name).to.equal(true);
  }
  expect(
    module.exports.some((e) => e.name.startsWith(names.prefix)),
    name,
  ).to.equal(false);
  expect(again.start, name).to.equal(null);
  for (const key of ['types', 'functions', 'tables', 'memories', 'tags'] as const) {
    expect(again[key].slice(0, module[key].length), `${name} ${key}`).to.deep.equal(module[key]);
  }
  expect(again.globals.length, name).to.equal(module.globals.length);
  expect(again.data.map((d) => [d.mode, d.memory, hex(again, d.bytes)])).to.deep.equal(
    module.data.map((d) => [d.mode, d.memory, hex(module, d.bytes)]),
  );
  expect([...entryTypes].sort(), name).to.deep.equal(
    [...new Set(module.functions.slice(module.importedFunctions))].sort(),
  );
}

function hex(module: WasmModule, range: { start: number; end: number }): string {
  return Buffer.from(module.bytes.subarray(range.start, range.end)).toString('hex');
}

/** A guest with recursion, an indirect call, an import and a start function. */
function fibonacci(): Uint8Array<ArrayBuffer> {
  const b = new ModuleBuilder();
  const t = b.type(['i32'], ['i32']);
  const none = b.type([], []);
  const log = b.importFunc('m', 'log', t);
  const fib = b.declare(t, 'fib');
  const start = b.declare(none, 'start');
  const tail = b.declare(t, 'tail');
  const table = b.table({ type: 'funcref', min: 1 });
  b.elem(table, 0, [fib]);
  const c = new CodeWriter().op('local.get', 0).op('i32.const', 2).op('i32.lt_s');
  c.op('if', 'void').op('local.get', 0).op('call', log).op('return').op('end');
  c.op('local.get', 0).op('i32.const', 1).op('i32.sub').op('call', fib);
  c.op('local.get', 0).op('i32.const', 2).op('i32.sub').op('call', fib).op('i32.add');
  b.define(fib, [], c);
  b.define(start, [], new CodeWriter().op('unreachable'));
  b.define(tail, [], new CodeWriter().op('local.get', 0).op('return_call', fib));
  b.export('fib', 'func', fib);
  b.export('tail', 'func', tail);
  b.export('table', 'table', table);
  const built = b.finish();
  // The builder knows no start section: it goes in front of the element section.
  const at = decodeModule(built).sections.find((s) => s.id === 9)!;
  const cut = at.start - 2;
  return Uint8Array.from([...built.subarray(0, cut), 8, 1, start, ...built.subarray(cut)]);
}

describe('re-bodied modules', () => {
  for (const twin of [false, true]) {
    it(`of all guests are valid${twin ? ' with their twin' : ''}`, () => {
      for (const module of guestModules()) check(module, twin);
    });

    it(`of modules with every instruction are valid${twin ? ' with their twin' : ''}`, () => {
      for (const [name, make] of Object.entries(FREE_FORM)) check({ name, bytes: make() }, twin);
    });

    it(`of the core suite are valid${twin ? ' with their twin' : ''}`, function () {
      if (suiteMissing !== null) {
        console.log(`    skipped: ${suiteMissing}`);
        this.skip();
      }
      let modules = 0;
      for (const module of suiteModules()) {
        check(module, twin);
        modules++;
      }
      expect(modules).to.be.above(2000);
    });
  }

  it('of nothing at all are valid', () => {
    check({ name: 'empty', bytes: new ModuleBuilder().finish() }, false);
    check({ name: 'empty', bytes: new ModuleBuilder().finish() }, true);
  });

  it('enter the machine with their arguments, their number and the slot of their type', () => {
    const module = decodeModule(fibonacci());
    const { bytes, names, entryTypes } = rebody(module, { twin: false, helpers: [] });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { log: (n: number) => n } });
    const entries = exports[names.entries] as WebAssembly.Table;
    expect(entries.length).to.equal(entryTypes.length);
    const seen: number[][] = [];
    const slot = entryTypes.indexOf(module.functions[1]!);
    entries.set(
      slot,
      entry((...args) => seen.push(args)),
    );
    expect((exports.fib as (n: number) => number)(40)).to.equal(1);
    expect((exports.tail as (n: number) => number)(41)).to.equal(2);
    expect(seen).to.deep.equal([
      [40, 1],
      [41, 3],
    ]);
  });

  it('keep function names for the host', () => {
    const module = decodeModule(rebody(decodeModule(fibonacci()), { twin: true, helpers: [] }).bytes);
    expect([1, 2, 3].map((f) => functionName(module, f))).to.deep.equal(['fib', 'start', 'tail']);
  });

  it('hide their exports under names that the guest does not use', () => {
    const b = new ModuleBuilder();
    const m = b.memory({ min: 1 });
    for (const suffix of ['', '_', '.memory.0']) b.export(`\u0001wynamo${suffix}`, 'memory', m);
    const module = decodeModule(b.finish());
    const { bytes, names } = rebody(module, { twin: true, helpers: [] });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    expect(exports[names.memory(0)]).to.be.instanceOf(WebAssembly.Memory);
    expect(module.exports.some((e) => e.name === names.memory(0))).to.equal(false);
  });

  it('have twins that call each other and never the stubs', () => {
    const { bytes, names } = rebody(decodeModule(fibonacci()), { twin: true, helpers: [] });
    const logged: number[] = [];
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      m: { log: (n: number) => logged.push(n) && n },
    });
    const twins = exports[names.twins] as WebAssembly.Table;
    expect(twins.length).to.equal(3);
    // The table of entries is empty: a stub would trap.
    expect(() => (exports.fib as (n: number) => number)(1)).to.throw(WebAssembly.RuntimeError);
    expect((twins.get(0) as (n: number) => number)(10)).to.equal(55);
    expect(logged).to.have.length(89);
    expect((twins.get(2) as (n: number) => number)(11)).to.equal(89);
    expect((exports.table as WebAssembly.Table).get(0)).to.equal(exports.fib);
  });

  it('relocate calls to functions whose numbers need more bytes', () => {
    const b = new ModuleBuilder();
    const t = b.type([], ['i32']);
    const funcs = Array.from({ length: 100 }, () => b.declare(t));
    // Each gives one more than the next. Numbers of twins from 128 on take two bytes, those of the originals one.
    for (const f of funcs) {
      const c = new CodeWriter();
      if (f === funcs.length - 1) c.op('i32.const', 1000);
      else
        c.op('call', f + 1)
          .op('i32.const', 1)
          .op('i32.add');
      b.define(f, [], c);
    }
    const { bytes, names } = rebody(decodeModule(b.finish()), { twin: true, helpers: [] });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    expect(((exports[names.twins] as WebAssembly.Table).get(0) as () => number)()).to.equal(1099);
    const again = decodeModule(bytes);
    const body = new BodyReader(again, 100);
    expect(body.next() && [body.op.name, body.a]).to.deep.equal(['call', 101]);
  });

  it('have a function for each instruction that names a segment or a function', () => {
    const b = new ModuleBuilder();
    const t = b.type([], ['funcref']);
    const f = b.declare(t);
    b.table({ type: 'funcref', min: 1 });
    b.declareFuncs([f]);
    b.define(f, [], new CodeWriter().op('ref.func', f));
    b.export('f', 'func', f);
    const module = decodeModule(b.finish());
    const helpers = helpersOf(module);
    expect(helpers.map((h) => h.key)).to.deep.equal(['ref.func:0']);
    const { bytes, names } = rebody(module, { twin: false, helpers });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    expect((exports[names.helper(0)] as () => unknown)()).to.equal(exports.f);
  });
});

/** A function for the table of entries: gets the stub's argument and the number of the function. */
function entry(call: (arg: number, func: number) => number): unknown {
  const b = new ModuleBuilder();
  const host = b.importFunc('m', 'call', b.type(['i32', 'i32'], ['i32']));
  const f = b.declare(b.type(['i32', 'i32'], ['i32']));
  b.define(f, [], new CodeWriter().op('local.get', 0).op('local.get', 1).op('call', host));
  b.export('f', 'func', f);
  return new WebAssembly.Instance(new WebAssembly.Module(b.finish()), { m: { call } }).exports.f;
}
