/**
 * Golden files: `golden/<pass>/<claim>.trace` holds a region, a line `====`, and the region that the pass has to make of
 * it. The file's name is the claim. `BLESS=1` rewrites what is expected; look at the difference before committing it.
 * A first line `; passes: phis dce` runs these passes in order instead of the one that the folder names.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from '../../src/ir/parse.ts';
import { print } from '../../src/ir/print.ts';
import { verify } from '../../src/ir/verify.ts';
import { folder } from '../../src/opt/folder.ts';
import { OptFuel } from '../../src/opt/fuel.ts';
import type { Pass } from '../../src/opt/pass.ts';
import { PASSES, runPass } from '../../src/opt/pipeline.ts';
import { CODE_RULES, RULE_IDS } from '../../src/opt/rules/apply.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const SEPARATOR = '====\n';

/** Rules that fired in any golden file, as `pass/rule`. */
const fired = new Set<string>();

function passesOf(folder: string, input: string): Pass[] {
  const names = /^; passes: (.*)$/m.exec(input)?.[1]?.split(' ') ?? [folder];
  return names.map((n) => {
    const pass = PASSES.find((p) => p.name === n);
    if (!pass) throw new Error(`there is no pass ${n}`);
    return pass;
  });
}

function transform(folder: string, input: string): string {
  const region = parse(input);
  verify(region);
  for (const pass of passesOf(folder, input)) {
    for (const rule of Object.keys(runPass(pass, region).rules)) fired.add(`${pass.name}/${rule}`);
    verify(region);
  }
  return print(region, { brief: true });
}

/** The rules of a pass that fire on a region, when some are switched off. */
function fires(pass: Pass, input: string, off: ReadonlySet<string>): string[] {
  const region = parse(input);
  const { rules } = runPass(pass, region, folder(), new OptFuel(), off);
  verify(region);
  return Object.keys(rules);
}

describe('golden passes', () => {
  for (const folderName of readdirSync(GOLDEN)) {
    describe(folderName, () => {
      for (const file of readdirSync(join(GOLDEN, folderName))) {
        it(file.replace(/\.trace$/, '').replaceAll('-', ' '), () => {
          const path = join(GOLDEN, folderName, file);
          const [input, expected] = readFileSync(path, 'utf8').split(SEPARATOR) as [string, string | undefined];
          const got = transform(folderName, input);
          if (process.env.BLESS) writeFileSync(path, `${input}${SEPARATOR}${got}`);
          else expect(got, 'BLESS=1 rewrites the file').to.equal(expected);
          const [pass] = passesOf(folderName, input) as [Pass];
          for (const rule of fires(pass, input, new Set())) {
            expect(fires(pass, input, new Set([`${pass.name}.${rule}`])), `without ${rule}`).not.to.include(rule);
          }
        });
      }
    });
  }

  // In a suite of its own: mocha runs a suite's own tests before those of suites inside it.
  describe('together', () => {
    it('fire every rule of every pass', () => {
      // Algebraic rules have examples of their own in rules.test.ts, but for those about guards.
      const elsewhere = new Set(RULE_IDS.filter((id) => CODE_RULES.find((r) => r.id === id)?.examples.length !== 0));
      const all = PASSES.flatMap((p) =>
        (p.rules ?? []).filter((r) => p.name !== 'rules' || !elsewhere.has(r)).map((r) => `${p.name}/${r}`),
      );
      expect(all.filter((r) => !fired.has(r))).to.deep.equal([]);
    });
  });

  it('has a file for every pass', () => {
    const folders = readdirSync(GOLDEN);
    expect(PASSES.map((p) => p.name).filter((n) => !folders.includes(n))).to.deep.equal([]);
  });
});
