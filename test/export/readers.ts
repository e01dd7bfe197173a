/**
 * Readers that other people wrote: packages and programs. Packages are looked for in this project and in the folder that
 * WYNAMO_READERS names; a test whose reader is missing says so and is skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../cli/harness.ts';

/** Path of a module of an installed package, or null. */
function found(request: string): string | null {
  const { WYNAMO_READERS: extra } = process.env;
  const require = createRequire(join(ROOT, 'package.json'));
  for (const folder of [ROOT, ...(extra ? [extra] : [])]) {
    try {
      return require.resolve(request, { paths: [folder] });
    } catch {
      // Not here.
    }
  }
  return null;
}

/** Folder of an installed package, or null. */
export function packageFolder(name: string): string | null {
  const path = found(`${name}/package.json`);
  return path === null ? null : dirname(path);
}

/** A module by its name, `package/part`, or null where the package is not installed. The type is the caller's claim. */
export async function importReader<T>(request: string): Promise<T | null> {
  const path = found(request);
  return path === null ? null : ((await import(pathToFileURL(path).href)) as T);
}

/** True where a program can be started. */
export const hasProgram = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;

/** One row of speedscope's table of functions. */
export interface SpeedscopeRow {
  name: string;
  total: string;
  self: string;
}

/**
 * Loads a file into speedscope, a web page, in a browser without a window; gives its table of functions. The name of the
 * file tells speedscope the format.
 */
export function readBySpeedscope(folder: string, scratch: string, name: string, content: Uint8Array): SpeedscopeRow[] {
  const page = join(folder, 'dist/release/index.html');
  const script = join(scratch, `${name}.js`);
  const data = Buffer.from(content).toString('base64');
  writeFileSync(script, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, ${JSON.stringify(data)})`);
  const profile = join(scratch, `browser-${name}`);
  mkdirSync(profile);
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--enable-unsafe-swiftshader',
    '--allow-file-access-from-files',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  const url = `${pathToFileURL(page).href}#localProfilePath=${script}&view=sandwich`;
  // The page's clock may run out before a browser on a busy machine has drawn anything.
  for (const budget of [4000, 20_000, 60_000]) {
    const { stdout } = spawnSync(
      'chromium',
      [...flags, `--virtual-time-budget=${budget}`, '--dump-dom', `--user-data-dir=${profile}`, url],
      { encoding: 'utf8', timeout: 120_000, maxBuffer: 1 << 28 },
    );
    const rows = rowsOf(stdout);
    if (rows.length > 0) return rows;
  }
  return [];
}

/** The table of functions in the page as it was drawn. */
function rowsOf(page: string): SpeedscopeRow[] {
  const cells = (page.split('Symbol Name')[1] ?? '')
    .replace(/<[^>]+>/g, '|')
    .split('|')
    .filter((cell) => cell.trim() !== '');
  const rows: SpeedscopeRow[] = [];
  for (let i = 0; i + 2 < cells.length; i += 3) {
    const [total, self, text] = cells.slice(i, i + 3) as [string, string, string];
    if (!/\(/.test(total)) break;
    rows.push({ name: text, total, self });
  }
  return rows;
}

/** A module of a package. */
export async function importFrom(folder: string, file: string): Promise<Record<string, unknown>> {
  const main = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string };
  const url = createRequire(join(folder, '..', 'x.js')).resolve(file === '' ? main.name : join(folder, file));
  return (await import(pathToFileURL(url).href)) as Record<string, unknown>;
}

/** A function as the Firefox Profiler shows it. A sample here is a unit of weight. */
export interface FirefoxFunction {
  name: string;
  selfSamples: number;
  totalSamples: number;
}

/**
 * Loads a file into the Firefox Profiler without its window, Mozilla's profiler-cli, which upgrades it to the newest version
 * of the format as the profiler does. That keeps a loaded profile in a process of its own, which is begun and stopped here:
 * `profiler-cli load` gives that process half a second to start, which a busy machine does not keep.
 */
export function readByFirefoxProfiler(
  folder: string,
  scratch: string,
  path: string,
): { weightType: string; functions: FirefoxFunction[] } {
  const cli = join(folder, 'dist/profiler-cli.js');
  const env = { ...process.env, PROFILER_CLI_SESSION_DIR: join(scratch, 'profiler-sessions') };
  const daemon = spawn(process.execPath, [cli, '--daemon', path, '--session', 'test'], { env, stdio: 'ignore' });
  try {
    for (const end = performance.now() + 60_000; ; ) {
      const args = ['thread', 'functions', '--json', '--session', 'test'];
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', env });
      if (status === 0) return JSON.parse(stdout) as { weightType: string; functions: FirefoxFunction[] };
      if (performance.now() > end) throw new Error(`profiler-cli ${args.join(' ')}: ${stderr || stdout}`);
    }
  } finally {
    daemon.kill();
  }
}
