/**
 * Compiles a guest in C by the LLVM that runs as WebAssembly, from a package folder of its own: it takes 100 MB that
 * nobody needs who does not change these guests.
 *
 *     (cd benchmarks/guests/clang && npm ci) && node benchmarks/guests/build.ts c-lcs
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder of files as the compiler sees it. */
export type Tree = { [name: string]: Uint8Array | Tree };

/** The part of the compiler's API used here. */
interface Compiler {
  runClang(
    args: string[],
    files: Tree,
    options: { stderr(bytes: Uint8Array | null): void; fetchProgress(): void },
  ): Promise<Tree>;
}
const compilerName: string = '@yowasp/clang';

/** What to do where `installed` says no. */
export const HOW_TO_INSTALL = 'to get the compiler: (cd benchmarks/guests/clang && npm ci)';

export const installed = (): boolean =>
  existsSync(fileURLToPath(new URL(`node_modules/${compilerName}/package.json`, import.meta.url)));

/** No C library and no start files: everything in the module is the guest's own. The name section is the linker's default. */
const FLAGS = ['--target=wasm32-unknown-unknown', '-nostdlib', '-Wl,--no-entry', '-Wall', '-Wextra', '-Werror'];

/** The module that the source `name` builds at `-O0` or `-O2`; the compiler's own messages are the error. */
export async function compile(name: string, level: 'O0' | 'O2', files: Tree): Promise<Uint8Array> {
  if (!installed()) throw new Error(`${name} needs a C compiler; ${HOW_TO_INSTALL}`);
  const { runClang } = (await import(compilerName)) as Compiler;
  const said: Uint8Array[] = [];
  try {
    const out = await runClang(['clang', ...FLAGS, `-${level}`, '-o', 'out.wasm', name], files, {
      stderr: (bytes) => {
        if (bytes) said.push(bytes);
      },
      fetchProgress() {},
    });
    return out['out.wasm'] as Uint8Array;
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}\n${Buffer.concat(said)}`);
  }
}
