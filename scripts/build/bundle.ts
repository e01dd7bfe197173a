/**
 * Bundles what `dist` has in two hundred modules, because to find and link them takes several times as long as to run a
 * small guest:
 *
 * - `dist/command/*.cjs`, the command line and the process that is measured, a chunk for each command. CommonJS, because
 *   requiring the host's own modules there makes no namespace objects, which alone takes as long as the rest of the start.
 * - `dist/library/*.js`, what programs import: the library and the drop-in form, which share their state.
 */
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

const EXTERNAL = ['wabt', 'binaryen', 'd3-node'];

/** Modules go on finding the files beside them: workers, scripts for pages, the manifest. */
function places(dist: string): Plugin {
  return {
    name: 'places',
    transform(code, id) {
      if (!code.includes('import.meta')) return null;
      return code
        .replaceAll('import.meta.url', `wynamoPlace(${JSON.stringify(relative(dist, id).replaceAll('\\', '/'))})`)
        .replaceAll('import.meta.resolve(', 'wynamoResolve(');
    },
  };
}

const COMMAND_PROLOGUE = `const wynamoPlace = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', path)).href;
const wynamoResolve = (name) => require('node:url').pathToFileURL(require.resolve(name)).href;`;

const LIBRARY_PROLOGUE = `const wynamoPlace = (path) => new URL('../' + path, import.meta.url).href;
const wynamoResolve = (name) => import.meta.resolve(name);`;

/** Imports of the host's modules without namespace objects: only what is used is looked at. */
const builtins: Plugin = {
  name: 'builtins',
  resolveId: (id) => (id.startsWith('node:') ? { id: `\0${id}`, moduleSideEffects: false } : null),
  load(id) {
    if (!id.startsWith('\0node:')) return null;
    const name = id.slice(1);
    if (!builtinModules.includes(name.slice(5)) && !builtinModules.includes(name)) return null;
    const keys = Object.keys(process.getBuiltinModule(name) ?? {}).filter((key) => /^[A-Za-z_$][\w$]*$/.test(key));
    const lines = keys
      .filter((key) => key !== 'default')
      .map((key) => `export const ${key} = /* @__PURE__ */ (() => host.${key})();`);
    return `const host = process.getBuiltinModule('${name}');\nexport default host;\n${lines.join('\n')}`;
  },
};

/** Tables that modules read from text when they are loaded, as data: the module's path, and what it exports. */
const TABLES: Readonly<Record<string, string>> = { 'wasm/opcodes/rows.js': 'ROWS' };

function tables(dist: string): Plugin {
  return {
    name: 'tables',
    async load(id) {
      const name = TABLES[relative(dist, id).replaceAll('\\', '/')];
      if (name === undefined) return null;
      const module = (await import(pathToFileURL(id).href)) as Record<string, unknown>;
      // The host parses JSON several times as fast as literals.
      return `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(module[name]))});`;
    },
  };
}

/** Without white space and comments a script is read and found in the host's cache faster; names stay, for profiles. */
const MINIFY = { compress: false, mangle: false, codegen: { removeWhitespace: true } } as const;

async function bundle(
  input: Record<string, string>,
  dir: string,
  format: 'cjs' | 'es',
  banner: string,
  plugins: Plugin[],
): Promise<void> {
  const external = format === 'cjs' ? [/^node:/, ...EXTERNAL] : EXTERNAL;
  const made = await rolldown({ input, platform: 'node', external, plugins });
  const ending = format === 'cjs' ? 'cjs' : 'js';
  const names = `[name].${ending}`;
  await made.write({ dir, format, banner, entryFileNames: names, chunkFileNames: names, minify: MINIFY });
  await made.close();
}

/** `dist`: absolute path of the folder of compiled modules. Throws what the bundler says. */
export async function bundleAll(dist: string): Promise<void> {
  const at = (path: string) => join(dist, path);
  await bundle({ wynamo: at('cli/main.js'), child: at('lab/child.js') }, at('command'), 'cjs', COMMAND_PROLOGUE, [
    places(dist),
    tables(dist),
  ]);
  await bundle({ index: at('index.js'), register: at('register/index.js') }, at('library'), 'es', LIBRARY_PROLOGUE, [
    places(dist),
    tables(dist),
    builtins,
  ]);
}
