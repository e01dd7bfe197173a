/** The library in the place of `WebAssembly`: same functions, results and errors, with the machine below. */
import { expect } from 'chai';
import * as W from '../../src/index.ts';
import { watAll } from '../proposals/text.ts';

const BYTES = watAll(`(module
  (import "m" "add" (func $add (param i32 i32) (result i32)))
  (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $l (local.set $s (call $add (local.get $s) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`) as Uint8Array<ArrayBuffer>;

const STRINGS = watAll(`(module
  (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
  (import "'" "hello" (global $hello (ref extern)))
  (func (export "run") (param $n i32) (result i32) (local $s i32)
    (loop $l (local.set $s (i32.add (local.get $s) (call $length (global.get $hello))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`) as Uint8Array<ArrayBuffer>;
const COMPILE = { builtins: ['js-string'], importedStringConstants: "'" };

const IMPORTS = { m: { add: (a: number, b: number) => a + b } };
const COUNTED = { nativeFirst: 'off', hotLoop: 2, compileShare: 0 } as const;
const sum = (instance: WebAssembly.Instance) => (instance.exports.sum as (n: number) => number)(100);
const response = (bytes: Uint8Array<ArrayBuffer>, type = 'application/wasm') =>
  new Response(bytes, { headers: { 'content-type': type } });

/** What a call throws or gives, as text. */
async function outcome(f: () => unknown): Promise<string> {
  try {
    const value = await f();
    return `gives ${Object.prototype.toString.call(value)}`;
  } catch (error) {
    return `throws ${(error as Error).name}: ${(error as Error).message.replace(/ @\+\d+$/, '')}`;
  }
}

type Api = Pick<
  typeof W,
  'Instance' | 'Module' | 'compile' | 'compileStreaming' | 'instantiate' | 'instantiateStreaming' | 'validate'
>;
const HOST = WebAssembly as unknown as Api;

describe('the library in the place of WebAssembly', () => {
  it('gives genuine modules and instances, which the machine runs', async () => {
    const module = await W.compile(BYTES);
    expect(module).to.be.instanceOf(WebAssembly.Module);
    expect(WebAssembly.Module.imports(module)).to.deep.equal([{ module: 'm', name: 'add', kind: 'function' }]);
    const instances = [
      new W.Instance(module, IMPORTS, COUNTED),
      new W.Instance(new W.Module(BYTES), IMPORTS, COUNTED),
      await W.instantiate(module, IMPORTS, COUNTED),
      (await W.instantiate(BYTES, IMPORTS, COUNTED)).instance,
      W.instantiateSync(BYTES, IMPORTS, COUNTED).instance,
      (await W.instantiateStreaming(response(BYTES), IMPORTS, COUNTED)).instance,
      new W.Instance(await W.compileStreaming(Promise.resolve(response(BYTES))), IMPORTS, COUNTED),
    ];
    for (const instance of instances) {
      expect(instance).to.be.instanceOf(WebAssembly.Instance).and.instanceOf(W.Instance);
      expect(Object.isFrozen(instance.exports)).to.equal(true);
      expect(sum(instance)).to.equal(5050);
      expect(W.machineOf(instance)?.stats().instructions.coverage).to.be.greaterThan(0.5);
    }
  });

  it('knows no machine below instances of others', () => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(BYTES), IMPORTS);
    expect(W.machineOf(instance)).to.equal(undefined);
  });

  it('lets classes be derived', () => {
    class Mine extends W.Instance {
      twice() {
        return 2 * sum(this as unknown as WebAssembly.Instance);
      }
    }
    const mine = new Mine(new W.Module(BYTES), IMPORTS, COUNTED);
    expect(mine).to.be.instanceOf(Mine).and.instanceOf(WebAssembly.Instance);
    expect(mine.twice()).to.equal(10100);
  });

  it('is not disturbed by what becomes of the bytes later', async () => {
    const bytes = BYTES.slice();
    const promise = W.instantiate(bytes, IMPORTS, COUNTED);
    const module = new W.Module(bytes);
    bytes.fill(0);
    expect(sum((await promise).instance)).to.equal(5050);
    expect(sum(new W.Instance(module, IMPORTS, COUNTED))).to.equal(5050);
  });

  it('passes options of compilation on', async () => {
    const run = (instance: WebAssembly.Instance) => (instance.exports.run as (n: number) => number)(20);
    const module = await W.compile(STRINGS, COMPILE);
    expect(run(new W.Instance(module, undefined, COUNTED))).to.equal(100);
    expect(run(await W.instantiate(module, undefined, { ...COMPILE, ...COUNTED }))).to.equal(100);
    const made = await W.instantiate(STRINGS, undefined, { ...COMPILE, ...COUNTED });
    expect(run(made.instance)).to.equal(100);
    const streamed = await W.instantiateStreaming(response(STRINGS), undefined, { ...COMPILE, ...COUNTED });
    expect(run(streamed.instance)).to.equal(100);
    expect(streamed.machine.nativeReason).to.equal(null);
  });

  it('refuses modules of which it does not know the bytes, and options that there are not', () => {
    const foreign = new WebAssembly.Module(BYTES);
    expect(() => new W.Instance(foreign, IMPORTS)).to.throw(W.UserError, 'the bytes of this module are not known');
    expect(() => new W.Instance(new W.Module(BYTES), IMPORTS, { hotloop: 1 } as object)).to.throw(
      W.UserError,
      "did you mean 'hotLoop'",
    );
  });

  const broken = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99]);
  const cases: Record<string, (api: Api) => unknown> = {
    'Module of nothing': ({ Module }) => new Module(undefined as never),
    'Module of a broken one': ({ Module }) => new Module(broken),
    'Module without new': ({ Module }) => (Module as unknown as (b: unknown) => unknown)(BYTES),
    'Instance of nothing': ({ Instance }) => new Instance({} as never),
    'Instance without new': ({ Instance, Module }) =>
      (Instance as unknown as (m: unknown) => unknown)(new Module(BYTES)),
    'Instance without imports': ({ Instance, Module }) => new Instance(new Module(BYTES)),
    'Instance with no object': ({ Instance, Module }) => new Instance(new Module(BYTES), 5 as never),
    'Instance with a wrong import': ({ Instance, Module }) => new Instance(new Module(BYTES), { m: { add: 1 } }),
    'compile of nothing': ({ compile }) => compile(undefined as never),
    'compile of a broken one': ({ compile }) => compile(broken),
    'instantiate of nothing': ({ instantiate }) => instantiate(null as never),
    'instantiate of a broken one': ({ instantiate }) => instantiate(broken),
    'instantiate without imports': ({ instantiate }) => instantiate(BYTES),
    'instantiate with a wrong import': ({ instantiate }) => instantiate(BYTES, { m: {} }),
    'instantiate of a module without imports': async ({ instantiate, compile }) => instantiate(await compile(BYTES)),
    'compileStreaming of no response': ({ compileStreaming }) => compileStreaming(5 as never),
    'compileStreaming of another type': ({ compileStreaming }) => compileStreaming(response(BYTES, 'text/html')),
    'instantiateStreaming of another type': ({ instantiateStreaming }) =>
      instantiateStreaming(response(BYTES, 'text/html')),
    'instantiateStreaming without imports': ({ instantiateStreaming }) => instantiateStreaming(response(BYTES)),
    'validate of nothing': ({ validate }) => validate(undefined as never),
  };
  for (const [name, f] of Object.entries(cases)) {
    it(`${name}: what the host says`, async () => {
      const expected = await outcome(() => f(HOST));
      expect(expected).to.match(/^throws/);
      expect(await outcome(() => f(W))).to.equal(expected);
    });
  }

  it('validates as the host does', () => {
    expect([BYTES, broken, STRINGS].map((bytes) => W.validate(bytes))).to.deep.equal([true, false, true]);
    expect(W.validate(STRINGS, { builtins: ['js-string', 'none'] })).to.equal(
      WebAssembly.validate(STRINGS, { builtins: ['js-string', 'none'] }),
    );
  });
});
