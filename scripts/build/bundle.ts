/**
 * Bundles the command line of `dist`, and the process that is measured, into `dist/command/*.cjs`, a chunk for each command. CommonJS, because requiring the
 * host's own modules there makes no namespace objects, which alone takes as long as the rest of the start.
 */
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/** Modules go on finding the files beside them: workers, scripts for pages, the manifest. */
const PROLOGUE = `const wynamoPlace = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', path)).href;
const wynamoResolve = (name) => require('node:url').pathToFileURL(require.resolve(name)).href;`;

/** `dist`: absolute path of the folder of compiled modules. Throws what the bundler says. */
export async function bundleCommand(dist: string): Promise<void> {
  const bundle = await rolldown({
    input: { wynamo: join(dist, 'cli/main.js'), child: join(dist, 'lab/child.js') },
    platform: 'node',
    external: [/^node:/, 'wabt', 'binaryen', 'd3-node'],
    plugins: [
      {
        name: 'places',
        transform(code, id) {
          if (!code.includes('import.meta')) return null;
          return code
            .replaceAll('import.meta.url', `wynamoPlace(${JSON.stringify(relative(dist, id).replaceAll('\\', '/'))})`)
            .replaceAll('import.meta.resolve(', 'wynamoResolve(');
        },
      },
    ],
  });
  await bundle.write({
    dir: join(dist, 'command'),
    format: 'cjs',
    banner: PROLOGUE,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
  });
  await bundle.close();
}
