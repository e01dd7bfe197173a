/**
 * Builds every guest of the catalogue to `wasm/NAME.BUILD.wasm`: AssemblyScript and C at two levels, WAT through wabt.
 * The built files are committed; `--check` rebuilds and compares bytes, so that a source and its builds never part.
 * The guests in C are left as they are where their compiler is not installed (`clang/clang.ts`), and that is said.
 *
 *     node benchmarks/guests/build.ts [--check] [NAME...]
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import wabt from 'wabt';
import { type Build, type Guest, GUESTS, guest, wasmPath } from './catalogue.ts';
import { compile, HOW_TO_INSTALL, installed } from './clang/clang.ts';

/** The part of the compiler's API used here; its own declarations redefine `console` for the whole project. */
interface Compiler {
  main(
    argv: string[],
    files: {
      readFile(name: string, baseDir: string): string | null;
      writeFile(name: string, contents: Uint8Array): void;
      listFiles(): string[];
    },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}
const compilerName: string = 'assemblyscript/asc';

const sourceDir = fileURLToPath(new URL('src/', import.meta.url));

/** `--debug` adds the name section and changes nothing that runs. */
function ascArguments(row: Guest, build: Build): string[] {
  const level = build === 'O3' ? '3' : '0';
  return [
    row.source, '--baseDir', sourceDir, '--outFile', 'out.wasm', '--runtime', row.runtime, '--optimizeLevel', level,
    '--noAssert', '--debug', '--use', 'abort=',
  ];
}

/** Compiles one AssemblyScript guest; the compiler's own messages are the error. */
async function buildAssemblyScript(row: Guest, build: Build): Promise<Uint8Array> {
  const asc = (await import(compilerName)).default as Compiler;
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(ascArguments(row, build), {
    readFile: (name, baseDir) => read(baseDir, name),
    writeFile: (name, contents) => {
      if (name === 'out.wasm') bytes = contents;
    },
    listFiles: () => [],
  });
  if (error || !bytes) throw new Error(`${row.source}: ${error?.message ?? 'no output'}\n${stderr.toString()}`);
  return bytes;
}

function read(dir: string, name: string): string | null {
  try {
    return readFileSync(`${dir}/${name}`, 'utf8');
  } catch {
    return null;
  }
}

/** Assembles one WAT guest, keeping its names. */
async function buildWat(row: Guest): Promise<Uint8Array> {
  const tool = await wabt();
  const module = tool.parseWat(row.source, readFileSync(sourceDir + row.source, 'utf8'));
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

/** Compiles one guest in C with the headers that the guests share. */
function buildC(row: Guest, build: 'O0' | 'O2'): Promise<Uint8Array> {
  const file = (name: string) => Uint8Array.from(readFileSync(sourceDir + name));
  return compile(row.source, build, { [row.source]: file(row.source), lib: { 'random.h': file('lib/random.h') } });
}

export function build(row: Guest, how: Build): Promise<Uint8Array> {
  if (row.source.endsWith('.c')) return buildC(row, how as 'O0' | 'O2');
  return how === 'wat' ? buildWat(row) : buildAssemblyScript(row, how);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
  const asked = positionals.length ? positionals.map(guest) : GUESTS;
  const rows = installed() ? asked : asked.filter((row) => !row.source.endsWith('.c'));
  const left = asked.length - rows.length;
  if (left) console.log(`${left} guests in C are not rebuilt; ${HOW_TO_INSTALL}`);
  mkdirSync(fileURLToPath(new URL('wasm/', import.meta.url)), { recursive: true });
  let stale = 0;
  for (const row of rows) {
    for (const how of row.builds) {
      const bytes = await build(row, how);
      const path = wasmPath(row, how);
      if (!values.check) writeFileSync(path, bytes);
      else if (!Buffer.from(bytes).equals(readFileSync(path))) {
        stale++;
        console.error(`${row.name}.${how}.wasm differs from its source; run: node benchmarks/guests/build.ts`);
      }
    }
  }
  if (values.check && !stale) console.log(`${rows.length} guests are up to date`);
  return stale ? 1 : 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
