/** What a row of the catalogue is: a program from npm, driven through nothing but its public API. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface Application {
  /** What it is, in a few words. */
  readonly doc: string;
  /** Loads the program up to where it can take work: what the start of an application is. */
  open(): Promise<Work>;
}

/** The test itself. Gives a text that depends on nothing but the program: no times, no paths, no random numbers. */
export type Work = () => Promise<string> | string;

const here = createRequire(import.meta.url);

/** A CommonJS package as its users load it; the caller says what it uses of it. */
export const required = <T>(name: string): T => here(name) as T;

/** The same for packages that are modules. */
export const imported = async <T>(name: string): Promise<T> => (await import(name)) as T;

/** Path of a file of a package, also where the package does not export it. */
export function packageFile(name: string, file: string): string {
  for (const folder of here.resolve.paths(name) ?? []) {
    const path = `${folder}/${name}/${file}`;
    try {
      readFileSync(path);
      return path;
    } catch {
      // The package is in a folder further up.
    }
  }
  throw new Error(`${name} is not installed: run npm run apps`);
}

/** Older loaders of Emscripten take a global `fetch` for a browser's and give it file names; they are from before Node had one. */
export function withoutFetch(): void {
  Reflect.deleteProperty(globalThis, 'fetch');
}
