/** A bundler (Go): its Node API runs the module in a child process, `build` and `transform` talk to it over pipes. */
import { type Application, required } from '../application.ts';

interface Output {
  outputFiles: { path: string; text: string }[];
  warnings: { text: string }[];
}
interface Esbuild {
  version: string;
  transform(code: string, options: object): Promise<{ code: string; map: string }>;
  build(options: object): Promise<Output>;
  stop(): Promise<void>;
}

const FILES: Readonly<Record<string, string>> = {
  'main.ts': `import { area, type Shape } from './shapes';
import data from './data.json';
enum Unit { metre = 1, mile = 1609 }
export const total = (list: Shape[]): number => list.reduce((sum, s) => sum + area(s), 0) * Unit.metre;
console.log(total(data as Shape[]), Unit[1609], import.meta.url);`,
  'shapes.ts': `export interface Shape { kind: 'square' | 'circle'; size: number }
const unused = (x: number) => x ** 3;
export function area({ kind, size }: Shape) { return kind === 'square' ? size ** 2 : Math.PI * size * size; }
export class Box<T> { #value?: T; get value() { return this.#value ?? null; } static of = <T,>(v: T) => Object.assign(new Box<T>(), { v }); }`,
  'data.json': '[{"kind":"square","size":2},{"kind":"circle","size":1}]',
};

const virtual = {
  name: 'virtual',
  setup(build: {
    onResolve(filter: object, f: (args: { path: string }) => object): void;
    onLoad(filter: object, f: (args: { path: string }) => object): void;
  }) {
    build.onResolve({ filter: /.*/ }, ({ path }) => {
      const name = path.replace('./', '');
      return { path: name in FILES ? name : `${name}.ts`, namespace: 'virtual' };
    });
    build.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({
      contents: FILES[path],
      loader: path.endsWith('.json') ? 'json' : 'ts',
    }));
  },
};

export const application: Application = {
  doc: 'bundler in Go, in a child process',
  async open() {
    const esbuild = required<Esbuild>('esbuild-wasm');
    await esbuild.transform('1', {});
    return async () => {
      const parts: string[] = [esbuild.version];
      for (const options of [
        { minify: true, target: 'es2017' },
        { minify: false, format: 'cjs', sourcemap: true },
      ]) {
        for (const name of ['main.ts', 'shapes.ts']) {
          const { code, map } = await esbuild.transform(FILES[name]!, { loader: 'ts', ...options });
          parts.push(code, map);
        }
      }
      const { outputFiles, warnings } = await esbuild.build({
        entryPoints: ['main.ts'],
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        plugins: [virtual],
        logLevel: 'silent',
      });
      parts.push(...outputFiles.map((file) => file.text), ...warnings.map((warning) => warning.text));
      const error = await esbuild.transform('let = ;', { logLevel: 'silent' }).then(String, (e: Error) => e.message);
      await esbuild.stop();
      return [...parts, error].join('\n');
    };
  },
};
