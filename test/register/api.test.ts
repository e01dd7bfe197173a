/** What programs see of the API under `--import wynamo/register`: everything as the host shows it. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { Scratch } from '../cli/harness.ts';
import { watAll } from '../proposals/text.ts';

const REGISTER = new URL('../../src/register/index.ts', import.meta.url).href;

/** A guest. */
const BYTES = watAll('(module (func (export "f") (result i32) (i32.const 7)))');

const PROGRAM = `
const bytes = Uint8Array.from(${JSON.stringify([...BYTES])});
const names = ['Module', 'Instance', 'compile', 'instantiate', 'validate', 'compileStreaming', 'instantiateStreaming'];
for (const name of names) {
  const f = WebAssembly[name];
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(WebAssembly, name);
  console.log(name, String(f), f.name, f.length, writable, enumerable, configurable, Object.getOwnPropertyNames(f).join());
}
console.log(String(WebAssembly.Table.prototype.set), String(Function.prototype.toString));
for (const C of [WebAssembly.Module, WebAssembly.Instance]) console.log(C.prototype.constructor === C);
const say = (e) => console.log(e.name, e.message);
try { Function.prototype.toString.call({}); } catch (e) { say(e); }
try { WebAssembly.Module(bytes); } catch (e) { say(e); }
try { new WebAssembly.Instance({}); } catch (e) { say(e); }
await WebAssembly.instantiate(null).catch(say);
await WebAssembly.instantiate(Uint8Array.of(1)).catch(say);
await WebAssembly.instantiateStreaming(new Response(bytes)).catch(say);
const response = new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
const { instance, module } = await WebAssembly.instantiateStreaming(response);
console.log(instance.exports.f(), instance.constructor === WebAssembly.Instance, module instanceof WebAssembly.Module);
`;

describe('the API under the drop-in form', () => {
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
  });
  after(() => scratch.remove());

  it('looks and fails as that of the host', () => {
    const file = scratch.file('program.mjs', PROGRAM);
    const run = (args: readonly string[]) => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [...args, file], { encoding: 'utf8' });
      expect(status, stderr).to.equal(0);
      return stdout;
    };
    const expected = run([]);
    expect(expected).to.contain('function Module() { [native code] }').and.contain('7 true true');
    expect(run(['--import', REGISTER])).to.equal(expected);
  });
});
