/** A JavaScript engine (quickjs-ng in C, WASI reactor) runs the benchmark script of the `apps` suite. */
import { readFileSync } from 'node:fs';
import { type Application, imported, packageFile } from '../application.ts';

interface Handle {
  consume<T>(use: (handle: { toString(): string }) => T): T;
}
interface Package {
  QuickJS: { create(options: object): Promise<{ evalCode(code: string, name?: string): Handle }> };
}

const SCRIPT = readFileSync(new URL('../../apps/script.js', import.meta.url), 'utf8');

export const application: Application = {
  doc: 'JavaScript engine, WASI',
  async open() {
    const { QuickJS } = await imported<Package>('quickjs-wasi');
    const wasm = readFileSync(packageFile('quickjs-wasi', 'quickjs.wasm'));
    const vm = await QuickJS.create({ wasm, timezoneOffset: 0 });
    vm.evalCode(SCRIPT, 'script.js').consume(String);
    return () => vm.evalCode('benchmark(1)').consume(String);
  },
};
