/** Blocks of docs/library.md are programs: they run, and print what their comments say. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const source = (path: string) => new URL(`../../src/${path}`, import.meta.url).href;

const blocks = (kind: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${kind}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((m) => m[1] as string);

/** The package's own names, as its sources are called in a checkout. */
const resolved = (text: string) =>
  text
    .replaceAll("'wynamo/register'", `'${source('register/index.ts')}'`)
    .replaceAll("'wynamo'", `'${source('index.ts')}'`);

const programs = new Map(
  blocks('js').map((text) => [/^\/\/ (\S+)\n/.exec(text)?.[1] ?? '', { text, prints: said(text) }]),
);
function said(text: string): string {
  return [...text.matchAll(/\/\/ -> (.*)$/gm)].map((m) => `${m[1]}\n`).join('');
}

/** Lines of shell: programs under the drop-in form. */
const lines = blocks('sh').flatMap((text) => text.trim().split('\n'));
const shown = (line: string) => /(\S+\.mjs)$/.exec(line)?.[1] ?? '';

describe('docs/library.md', function () {
  this.timeout(60_000);
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'wynamo-page-'));
    copyFileSync(join(ROOT, 'benchmarks/guests/wasm/crc32.O3.wasm'), join(dir, 'crc32.O3.wasm'));
    for (const [name, { text }] of programs) writeFileSync(join(dir, name), resolved(text));
    writeFileSync(join(dir, 'wynamo.json'), blocks('json')[0] as string);
  });
  after(() => rmSync(dir, { recursive: true }));

  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    execFileSync(process.execPath, args, { cwd: dir, encoding: 'utf8', env: { ...process.env, ...env } });

  for (const [name, { prints }] of programs) {
    // Those that the page starts by a line of shell come below.
    if (lines.some((line) => shown(line) === name)) continue;
    it(`${name} prints what it says`, () => {
      expect(prints).to.not.equal('');
      expect(run([name])).to.equal(prints);
    });
  }

  for (const line of lines) {
    it(line, () => {
      const words = line.split(' ');
      const at = words.indexOf('node');
      const env = Object.fromEntries(words.slice(0, at).map((word) => word.split(/=(.*)/s).slice(0, 2)));
      const args = words.slice(at + 1).map((w) => (w === 'wynamo/register' ? source('register/index.ts') : w));
      expect(run(args, env)).to.equal(programs.get(shown(line))?.prints);
    });
  }

  it('has programs in all its blocks', () => {
    expect(programs.size).to.equal(7);
    expect(lines).to.have.length(5);
    expect([...programs.keys()]).to.not.include('');
  });
});
