/** Modules for tests of everything that reads or rewrites modules: the shipped guests, and the core suite's where it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DEFAULT_DIR, decodeBytes, missingSuite, readJson, type SuiteIndex, type TestFile } from '../spec/format.ts';

export interface CorpusModule {
  /** Where it comes from: `crc32.O3.wasm`, `core/br.json:3`. */
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

const GUESTS = new URL('../../benchmarks/guests/wasm/', import.meta.url);

/** The guests of the benchmarks and QuickJS, which are in every checkout. */
export function guestModules(): CorpusModule[] {
  const files = readdirSync(GUESTS)
    .filter((name) => name.endsWith('.wasm'))
    .map((name) => new URL(name, GUESTS));
  files.push(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm')));
  return files.map((url) => ({ name: basename(url.pathname), bytes: new Uint8Array(readFileSync(url)) }));
}

/** One sentence when the core suite is missing, else null. */
export const suiteMissing = missingSuite(DEFAULT_DIR);

/** All modules of the core suite that the host accepts. */
export function suiteModules(): CorpusModule[] {
  if (suiteMissing !== null) return [];
  const list: CorpusModule[] = [];
  for (const { file } of readJson<SuiteIndex>(DEFAULT_DIR, 'index.json').files) {
    for (const { line, bytes } of readJson<TestFile>(DEFAULT_DIR, file).commands) {
      if (bytes === undefined) continue;
      const module = { name: `${file}:${line}`, bytes: decodeBytes(bytes) };
      if (WebAssembly.validate(module.bytes)) list.push(module);
    }
  }
  return list;
}
