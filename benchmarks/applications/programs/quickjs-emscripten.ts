/** A JavaScript engine (QuickJS in C, Emscripten) in a build of the package's choice; JavaScript and guest call each other. */
import type { Work } from '../application.ts';
import { type Application, imported } from '../application.ts';

interface Handle {
  dispose(): void;
}
interface Context {
  global: Handle;
  evalCode(code: string): Handle;
  unwrapResult(result: Handle): Handle;
  dump(handle: Handle): unknown;
  getNumber(handle: Handle): number;
  newNumber(value: number): Handle;
  newFunction(name: string, body: (...args: Handle[]) => Handle): Handle;
  setProp(target: Handle, key: string, value: Handle): void;
}
interface Package {
  newQuickJSWASMModule(variant: unknown): Promise<{ newContext(): Context }>;
  RELEASE_SYNC: unknown;
  DEBUG_SYNC: unknown;
}

const SCRIPT = `
const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2);
const words = 'the quick brown fox jumps over the lazy dog'.split(' ');
const counts = new Map();
for (let i = 0; i < ROUNDS; i++) for (const w of words) counts.set(w + i % 7, (counts.get(w + i % 7) ?? 0) + w.length);
class Point { constructor(x, y) { this.x = x; this.y = y; } get norm() { return Math.hypot(this.x, this.y); } }
function* squares(n) { for (let i = 0; i < n; i++) yield i * i; }
let caught = 0;
for (let i = 0; i < ROUNDS; i++) try { if (i % 3 === 0) throw new RangeError('r' + i); } catch (e) { caught += e.message.length; }
const sorted = Array.from({ length: ROUNDS }, (_, i) => (i * 7919) % 1009).sort((a, b) => a - b);
let sum = 0;
for (let i = 0; i < ROUNDS; i++) sum += hostAdd(i, 1);
JSON.stringify({
  fib: fib(FIB), counts: [...counts], norm: new Point(3, 4).norm, squares: [...squares(9)], caught, sum,
  sorted: sorted.slice(0, 20), text: words.join('-').replace(/(\\w)(\\w*)/g, (_, a, b) => a.toUpperCase() + b),
  big: String(2n ** 200n), date: new Date(86400000).toISOString(), typed: [...new Float32Array([1.5, 2.25, -0])],
});`;

/** The engine in one of its builds; a debug build does less work, since it is some twenty times slower. */
export function engine(build: 'RELEASE_SYNC' | 'DEBUG_SYNC', rounds: number, fib: number): Application {
  return {
    doc: `JavaScript engine, ${build === 'DEBUG_SYNC' ? 'debug' : 'release'} build of Emscripten`,
    async open(): Promise<Work> {
      const quickjs = await imported<Package>('quickjs-emscripten');
      const vm = (await quickjs.newQuickJSWASMModule(quickjs[build])).newContext();
      const add = vm.newFunction('hostAdd', (a, b) => vm.newNumber(vm.getNumber(a) + vm.getNumber(b)));
      vm.setProp(vm.global, 'hostAdd', add);
      vm.unwrapResult(vm.evalCode('1 + 1')).dispose();
      return () => {
        const code = SCRIPT.replaceAll('ROUNDS', String(rounds)).replace('FIB', String(fib));
        const handle = vm.unwrapResult(vm.evalCode(`{${code}}`));
        const text = String(vm.dump(handle));
        handle.dispose();
        return text;
      };
    },
  };
}

export const release = engine('RELEASE_SYNC', 3000, 22);
export const debug = engine('DEBUG_SYNC', 300, 14);
