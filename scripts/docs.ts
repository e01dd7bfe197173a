/**
 * `npm run docs`: writes the generated parts of the documents; `npm run docs -- --check` only tells what is out of date
 * and which relative links lead nowhere (status 1).
 *
 * A generated part stands between two comments that name it, and everything between them is replaced:
 *
 *     <!-- generated: options -->
 *     ...
 *     <!-- end -->
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { readArguments, script } from './arguments.ts';
import { brokenLinks } from './docs/links.ts';
import { PARTS } from './docs/parts.ts';

const root = new URL('../', import.meta.url);

const OPTIONS = {
  check: {
    type: 'boolean',
    default: false,
    doc: 'only tells what is out of date, and links that lead nowhere (status 1)',
  },
} as const;

async function main(): Promise<number> {
  const { check } = readArguments('npm run docs -- [options]', OPTIONS).values;
  const problems: string[] = [];

  /** Markdown files under version control, and new ones that are not ignored. */
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((name) => name !== '');

  for (const name of files) {
    const url = new URL(name, root);
    const before = readFileSync(url, 'utf8');
    let after = before;
    for (const [whole, part] of before.matchAll(/<!-- generated: (\S+) -->[\s\S]*?<!-- end -->/g)) {
      const make = PARTS[part!];
      if (!make) {
        problems.push(`${name}: nothing generates '${part}'; there are ${Object.keys(PARTS).join(', ')}`);
        continue;
      }
      after = after.replace(whole, () => `<!-- generated: ${part} -->\n${make.text().trimEnd()}\n<!-- end -->`);
    }
    if (after !== before) {
      if (check) problems.push(`${name}: generated parts are out of date; run npm run docs`);
      else {
        writeFileSync(url, after);
        console.log(`wrote ${name}`);
      }
    }
    problems.push(...brokenLinks(url, after).map((link) => `${name}: no file behind the link ${link}`));
  }

  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${files.length} documents are up to date and their links lead somewhere`);
  return problems.length > 0 ? 1 : 0;
}

await script('docs', main);
