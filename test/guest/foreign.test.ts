/** Watched tables: every way to write them from outside is noticed, and nothing else is any different. */
import { expect } from 'chai';
import { instantiateOwn, watchTable } from '../../src/guest/foreign.ts';
import { ModuleBuilder } from '../../src/wasm/builder.ts';

/** The API before anything is watched in this file; another file may have watched a table already. */
const API = [
  ...['Instance', 'instantiate', 'instantiateStreaming'].map((name) => [WebAssembly, name] as const),
  ...['set', 'grow'].map((name) => [WebAssembly.Table.prototype, name] as const),
];

function watched(initial = 4): { table: WebAssembly.Table; events: string[] } {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial, maximum: 10 });
  const events: string[] = [];
  watchTable(table, {
    onWrite: (index) => events.push(`write ${index}`),
    onGrow: () => events.push('grow'),
    onForeign: () => events.push('foreign'),
  });
  return { table, events };
}

/** A module that imports a table and exports it again. */
function user(): Uint8Array<ArrayBuffer> {
  const b = new ModuleBuilder();
  b.export('t', 'table', b.importTable('m', 't', { type: 'funcref', min: 1 }));
  return b.finish();
}

const f = new WebAssembly.Instance(
  new WebAssembly.Module(
    Uint8Array.from([
      0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 4, 1, 2, 0, 11,
    ]),
  ),
).exports.f;

describe('watched tables', () => {
  it('see what JavaScript writes, and only what it really wrote', () => {
    const { table, events } = watched();
    table.set(1, f);
    table.set('3' as never, f);
    table.set({ valueOf: () => 2 } as never, null);
    expect(table.grow(2)).to.equal(4);
    expect(() => table.set(6, f)).to.throw(RangeError);
    expect(() => table.set(0, {})).to.throw(TypeError);
    expect(() => table.grow(100)).to.throw(RangeError);
    table.get(0);
    expect(events).to.deep.equal(['write 1', 'write 3', 'write null', 'grow']);
    expect([table.get(1), table.get(3), table.length]).to.deep.equal([f, f, 6]);
  });

  it('see that they are given to another instance, in whatever way', async () => {
    const module = new WebAssembly.Module(user());
    class Sub extends WebAssembly.Instance {}
    const ways: [string, (t: WebAssembly.Table) => unknown][] = [
      ['Instance', (t) => new WebAssembly.Instance(module, { m: { t } })],
      ['a subclass', (t) => new Sub(module, { m: { t } })],
      ['instantiate(module)', (t) => WebAssembly.instantiate(module, { m: { t } })],
      ['instantiate(bytes)', (t) => WebAssembly.instantiate(user(), { m: { t } })],
      [
        'instantiateStreaming',
        (t) =>
          (WebAssembly as unknown as { instantiateStreaming(r: Response, i: unknown): unknown }).instantiateStreaming(
            new Response(user(), { headers: { 'Content-Type': 'application/wasm' } }),
            { m: { t } },
          ),
      ],
      ['getters', (t) => new WebAssembly.Instance(module, { m: Object.defineProperty({}, 't', { get: () => t }) })],
      ['inherited properties', (t) => new WebAssembly.Instance(module, Object.create({ m: Object.create({ t }) }))],
      ['frozen objects', (t) => new WebAssembly.Instance(module, Object.freeze({ m: Object.freeze({ t }) }))],
    ];
    for (const [way, give] of ways) {
      const { table, events } = watched();
      await give(table);
      expect(events, way).to.deep.equal(['foreign']);
    }
  });

  it('are not foreign to instances that do not import them, nor to those of the machine', () => {
    const { table, events } = watched();
    const other = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
    const module = new WebAssembly.Module(user());
    new WebAssembly.Instance(module, { m: { t: other, unused: table }, unused: { t: table } });
    const own = instantiateOwn(module, { m: { t: table } });
    expect(own.exports.t).to.equal(table);
    expect(events).to.deep.equal([]);
  });

  it('leave the API as it is', () => {
    watched();
    for (const [owner, name] of API) {
      const { value, ...attributes } = Object.getOwnPropertyDescriptor(owner, name)!;
      const enumerable = name !== 'Instance';
      expect(attributes, name).to.deep.equal({ writable: true, configurable: true, enumerable });
      const length = { Instance: 1, instantiate: 1, instantiateStreaming: 1, set: 1, grow: 1 }[name];
      expect([value.name, value.length], name).to.deep.equal([name, length]);
    }
    const module = new WebAssembly.Module(user());
    const { table } = watched();
    const instance = new WebAssembly.Instance(module, { m: { t: table } });
    expect(instance).to.be.instanceOf(WebAssembly.Instance);
    expect(instance.constructor).to.equal(WebAssembly.Instance);
    expect(Object.getPrototypeOf(instance)).to.equal(WebAssembly.Instance.prototype);
    class Sub extends WebAssembly.Instance {}
    expect(new Sub(module, { m: { t: table } })).to.be.instanceOf(Sub);
  });

  it("fail with the host's own errors", async () => {
    const { table } = watched();
    const module = new WebAssembly.Module(user());
    const { set } = WebAssembly.Table.prototype;
    expect(() => set.call({} as never, 0)).to.throw(
      TypeError,
      'WebAssembly.Table.set(): Receiver is not a WebAssembly.Table',
    );
    expect(() => table.set(99, f)).to.throw(
      RangeError,
      'WebAssembly.Table.set(): invalid address 99 in funcref table of size 4',
    );
    expect(() => (WebAssembly.Instance as unknown as () => void)()).to.throw(
      TypeError,
      'WebAssembly.Instance must be invoked with',
    );
    expect(() => new WebAssembly.Instance(module)).to.throw(TypeError, 'Imports argument must be present');
    expect(() => new WebAssembly.Instance(module, {})).to.throw(TypeError, 'Import #0 "m": module is not an object');
    expect(() => new WebAssembly.Instance(module, { m: {} })).to.throw(WebAssembly.LinkError, 'Import #0 "m" "t"');
    const rejected = await WebAssembly.instantiate(module, { m: {} }).catch((error: Error) => error);
    expect(rejected).to.be.instanceOf(WebAssembly.LinkError);
  });
});
