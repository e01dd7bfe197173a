/**
 * Where workloads come from: a suite of the checkout by name, a script that exports `workloads`, a folder of WASI
 * programs, or one module. `#` and a pattern choose among them.
 *
 *     await loadWorkloads('guests#*.O3', [folderOfSuites])
 *     await loadWorkloads('../suites/polybench')       // ids polybench/lu, ...
 *     await loadWorkloads('program.wasm')
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, matchesGlob, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError, unknownName } from '../errors.ts';
import type { Workload } from './workload.ts';

/** Workloads of a comma-separated list of sources; no id may come twice. */
export async function loadWorkloads(
  list: string,
  suites: readonly string[],
  from = process.cwd(),
): Promise<Workload[]> {
  const found: Workload[] = [];
  for (const item of list.split(',')) found.push(...(await loadOne(item, suites, from)));
  const seen = new Set<string>();
  for (const { id } of found) {
    if (seen.has(id)) throw new UserError(`two workloads are called '${id}'; rename one of the folders or files`);
    seen.add(id);
  }
  return found;
}

async function loadOne(item: string, suites: readonly string[], from: string): Promise<Workload[]> {
  const [source = '', pattern] = item.split('#');
  const all = await load(source, suites, from);
  const chosen = pattern ? chosenBy(all, pattern) : all;
  if (chosen.length === 0) {
    const ids = all.map((w) => w.id);
    throw new UserError(pattern ? `${source}: ${unknownName('workload', pattern, ids)}` : `${source} holds no program`);
  }
  return chosen;
}

/** Workloads whose id, or its part behind the suite, or its part before the build, matches one of the patterns (`a|b`). */
export function chosenBy(all: readonly Workload[], pattern: string): Workload[] {
  const names = (w: Workload) => [w.id, w.id.replace(/^[^/]*\//, ''), w.id.replace(/\.[^.]*$/, '')];
  return all.filter((w) => pattern.split('|').some((p) => names(w).some((name) => matchesGlob(name, p))));
}

async function load(source: string, suites: readonly string[], from: string): Promise<Workload[]> {
  if (/^[\w-]+$/.test(source)) {
    for (const folder of suites) {
      const path = join(folder, `${source}.ts`);
      if (existsSync(path)) return script(path);
    }
  }
  const path = resolve(from, source);
  if (!existsSync(path)) {
    const known = suites.flatMap((dir) => readdirSync(dir).map((file) => file.replace(/\.ts$/, '')));
    if (known.length && /^[\w-]+$/.test(source)) throw new UserError(unknownName('suite', source, known));
    throw new UserError(`there is no file or folder '${source}'`);
  }
  if (statSync(path).isDirectory()) return folder(path);
  return /\.[cm]?[jt]s$/.test(path) ? script(path) : [wasiWorkload(path, basename(dirname(path)))];
}

async function script(path: string): Promise<Workload[]> {
  const { workloads } = await import(pathToFileURL(path).href);
  if (!Array.isArray(workloads)) throw new UserError(`${path} exports no list called 'workloads'`);
  return workloads;
}

function folder(path: string): Workload[] {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wasm'));
  const commands = files.sort().map((name) => wasiWorkload(join(path, name), basename(path), name));
  return commands.filter(({ program }) => program.kind === 'wasi' && isCommand(program.module));
}

/** The folder may hold other modules, too: libraries, and programs for other hosts. */
function isCommand(path: string): boolean {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(readFileSync(path));
  } catch {
    return false;
  }
  const needs = new Set(WebAssembly.Module.imports(module).map((row) => row.module));
  needs.delete('wasi_snapshot_preview1');
  needs.delete('wasi_unstable');
  return needs.size === 0 && WebAssembly.Module.exports(module).some((row) => row.name === '_start');
}

function wasiWorkload(path: string, suite: string, name = basename(path)): Workload {
  return {
    id: `${suite}/${name.replace(/\.wasm$/, '').replaceAll('\\', '/')}`,
    suite,
    tags: [],
    program: { kind: 'wasi', module: path, args: [], dirs: [] },
    files: [path],
    sizes: null,
    expected: null,
  };
}
