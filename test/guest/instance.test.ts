/** Guests as the application sees them: the same readings of imports, the same errors, the same exports as natively. */
import { expect } from 'chai';
import { createGuest, type Guest } from '../../src/guest/instance.ts';
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';

const open = (bytes: Uint8Array, imports?: unknown): Guest =>
  createGuest(bytes, imports as WebAssembly.Imports, { twin: false, helpers: () => [] });

const native = (bytes: Uint8Array<ArrayBuffer>, imports?: unknown) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), imports as WebAssembly.Imports);

/** Class and message of what is thrown, or null. */
function thrown(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.constructor.name} ${error.message}` : `value ${String(error)}`;
  }
}

/** One import of each kind, and one name imported twice. */
function importer(): Uint8Array<ArrayBuffer> {
  const b = new ModuleBuilder();
  const t = b.type(['i32'], ['i32']);
  b.importFunc('a', 'f', t);
  b.importMemory('a', 'memory', { min: 1 });
  b.importTable('b', 'table', { type: 'funcref', min: 1 });
  b.importGlobal('b', 'global', { type: 'i32', mutable: false });
  b.importTag('a', 'tag', b.type(['i32'], []));
  const twice = b.importFunc('a', 'f', t);
  const f = b.declare(t, 'caller');
  b.define(f, [], new CodeWriter().op('local.get', 0).op('call', twice));
  b.export('caller', 'func', f);
  return b.finish();
}

const good = () => ({
  a: {
    f: (n: number) => n,
    memory: new WebAssembly.Memory({ initial: 1 }),
    tag: new WebAssembly.Tag({ parameters: ['i32'] }),
  },
  b: { table: new WebAssembly.Table({ element: 'anyfunc', initial: 1 }), global: 7 },
});

describe('guest instances', () => {
  it('read imports as the host does: each once, in order', () => {
    const watch = (values: object, log: string[], at: string): object =>
      new Proxy(values, {
        get(target, key) {
          log.push(at + String(key));
          const value = Reflect.get(target, key) as unknown;
          return at === '' ? watch(value as object, log, `${String(key)}.`) : value;
        },
        has: (_, key) => Boolean(log.push(`has ${at}${String(key)}`)),
        ownKeys: () => {
          log.push('ownKeys');
          return [];
        },
        getOwnPropertyDescriptor: (_, key) => {
          log.push(`descriptor ${String(key)}`);
          return undefined;
        },
      });
    const [ours, hosts]: [string[], string[]] = [[], []];
    native(importer(), watch(good(), hosts, ''));
    open(importer(), watch(good(), ours, ''));
    expect(hosts).to.have.length(12);
    expect(ours).to.deep.equal(hosts);
  });

  it('keep what a second reading of the same name gave', () => {
    const imports = good();
    const functions = [(n: number) => n, (n: number) => n + 1];
    let reads = 0;
    Object.defineProperty(imports.a, 'f', { get: () => functions[reads++] });
    const guest = open(importer(), imports);
    expect(reads).to.equal(2);
    expect(guest.importedFunctions).to.deep.equal(functions);
  });

  it('take imports from anything that the host takes them from', () => {
    for (const imports of [
      good(),
      Object.freeze({ a: Object.freeze(good().a), b: Object.freeze(good().b) }),
      Object.create(good()),
      { a: Object.assign(() => 0, good().a), b: Object.create(good().b) },
      Object.assign(() => 0, good()),
    ]) {
      expect(thrown(() => native(importer(), imports))).to.equal(null);
      expect(thrown(() => open(importer(), imports))).to.equal(null);
    }
  });

  it("fail with the host's own errors", () => {
    const mistakes: ((i: Record<string, Record<string, unknown>>) => unknown)[] = [
      () => undefined,
      () => null,
      () => 7,
      () => ({}),
      (i) => ({ ...i, a: 5 }),
      (i) => ({ ...i, b: null }),
      (i) => ({ ...i, a: { ...i.a, f: 1 } }),
      (i) => ({ ...i, a: { ...i.a, memory: {} } }),
      (i) => ({ ...i, a: { ...i.a, memory: new WebAssembly.Memory({ initial: 0 }) } }),
      (i) => ({ ...i, a: { ...i.a, tag: undefined } }),
      (i) => ({ ...i, a: { ...i.a, tag: new WebAssembly.Tag({ parameters: [] }) } }),
      (i) => ({ ...i, b: { ...i.b, global: 'x' } }),
      (i) => ({ ...i, b: { ...i.b, table: new WebAssembly.Table({ element: 'externref', initial: 1 }) } }),
      (i) => ({
        ...i,
        get b() {
          throw new WebAssembly.RuntimeError('from a getter');
        },
      }),
      (i) => ({
        ...i,
        a: {
          get f() {
            throw 'no error at all';
          },
        },
      }),
    ];
    for (const [n, mistake] of mistakes.entries()) {
      const expected = thrown(() => native(importer(), mistake(good())));
      expect(expected, `mistake ${n}`).to.be.a('string');
      expect(
        thrown(() => open(importer(), mistake(good()))),
        `mistake ${n}`,
      ).to.equal(expected);
    }
  });

  it('show the exports of the guest and nothing else', () => {
    const b = new ModuleBuilder();
    const t = b.type(['i32', 'i32'], ['i32']);
    const f = b.declare(t, 'f');
    b.define(f, [], new CodeWriter().op('i32.const', 1));
    const m = b.memory({ min: 1 });
    const table = b.table({ type: 'funcref', min: 1 });
    b.elem(table, 0, [f]);
    for (const name of ['z', 'a', '1', '0', '__proto__', '']) b.export(name, 'func', f);
    b.export('memory', 'memory', m);
    b.export('table', 'table', table);
    const bytes = b.finish();
    const guest = open(bytes);
    const ours = guest.instance.exports;
    const hosts = native(bytes).exports;
    expect(Object.getPrototypeOf(ours)).to.equal(null);
    expect(Object.isFrozen(ours)).to.equal(true);
    expect(Reflect.ownKeys(ours)).to.deep.equal(Reflect.ownKeys(hosts));
    for (const key of Reflect.ownKeys(hosts)) {
      const [one, two] = [ours, hosts].map((o) => Object.getOwnPropertyDescriptor(o, key));
      expect({ ...one, value: 0 }, String(key)).to.deep.equal({ ...two, value: 0 });
    }
    expect(guest.instance).to.be.instanceOf(WebAssembly.Instance);
    const [fn, hostFn] = [ours.z, hosts.z] as ((...args: unknown[]) => unknown)[];
    expect([fn!.name, fn!.length, String(fn)]).to.deep.equal([hostFn!.name, hostFn!.length, String(hostFn)]);
    expect((ours.table as WebAssembly.Table).get(0)).to.equal(fn);
    expect(guest.memories[0]).to.equal(ours.memory);
    expect(guest.tables[0]).to.equal(ours.table);
    expect([guest.isExported('func', 0), guest.isExported('func', 1), guest.isExported('table', 0)]).to.deep.equal([
      true,
      false,
      true,
    ]);
  });

  it('hold all memories, tables, globals and tags, imported, hidden or exported', () => {
    const imports = good();
    const guest = open(importer(), imports);
    expect(guest.memories).to.deep.equal([imports.a.memory]);
    expect(guest.tables).to.deep.equal([imports.b.table]);
    expect(guest.tags).to.deep.equal([imports.a.tag]);
    expect(guest.globals.map((g) => g.value)).to.deep.equal([7]);
    expect(guest.importedFunctions).to.deep.equal([imports.a.f, imports.a.f]);
    expect(guest.globals.map((_, i) => guest.foreignGlobal(guest.module.globals[i]!))).to.deep.equal([true]);
  });

  it('leave functions behind that can be called, when a segment traps', () => {
    const b = new ModuleBuilder();
    const t = b.type([], ['i32']);
    const table = b.importTable('m', 'table', { type: 'funcref', min: 2 });
    const f = b.declare(t, 'f');
    b.define(f, [], new CodeWriter().op('i32.const', 42));
    b.elem(table, 0, [f]);
    b.elem(table, 2, [f]);
    const bytes = b.finish();
    const shared = () => new WebAssembly.Table({ element: 'anyfunc', initial: 2 });
    const [ours, hosts] = [shared(), shared()];
    const expected = thrown(() => native(bytes, { m: { table: hosts } }));
    expect(expected).to.match(/^RuntimeError /);
    expect(thrown(() => open(bytes, { m: { table: ours } }))).to.equal(expected);
    for (const left of [ours, hosts]) expect((left.get(0) as () => number)()).to.equal(42);
    expect(ours.get(1)).to.equal(null);
  });

  it('run their start function when asked, not before', () => {
    const b = new ModuleBuilder();
    const t = b.type([], []);
    const start = b.importFunc('m', 'start', t);
    b.export('s', 'func', start);
    const built = b.finish();
    // The start section goes behind the export section, which is the last.
    const bytes = Uint8Array.from([...built, 8, 1, start]);
    let runs = 0;
    const guest = open(bytes, { m: { start: () => runs++ } });
    expect(runs).to.equal(0);
    guest.runStart();
    expect(runs).to.equal(1);
  });
});
