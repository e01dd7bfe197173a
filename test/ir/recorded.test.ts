/** The text form with what the machine really records: every region of some guests, before and after each pass. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiateSync } from '../../src/index.ts';
import { parse } from '../../src/ir/parse.ts';
import { print } from '../../src/ir/print.ts';
import { verify } from '../../src/ir/verify.ts';

/** Numbers that name the functions in a text, as its `func` lines say. */
function namesOf(text: string): (func: number) => string | undefined {
  const names = new Map<number, string>();
  for (const m of text.matchAll(/^func (\d+) \$(\S+)$/gm)) names.set(Number(m[1]), m[2]!);
  return (func) => names.get(func);
}

const GUESTS = [
  ['sha256', 'O3'],
  ['hashtable', 'O0'],
  ['callbacks', 'wat'],
  ['multivalue', 'wat'],
] as const;

describe('recorded regions', () => {
  for (const [name, build] of GUESTS) {
    it(`of ${name} (${build}) are read back as they were printed, and are valid`, () => {
      const row = guest(name);
      const host = makeImports(row);
      const options = {
        hotLoop: 3,
        hotExit: 3,
        hotEntry: 10,
        compileShare: 0,
        keepCode: true,
        check: true,
        deterministic: true,
      };
      const { instance, machine } = instantiateSync(readFileSync(wasmPath(row, build)), host.imports, options);
      host.attach(instance.exports);
      const run = instance.exports.run as (n: number) => unknown;
      expect(String(run(row.sizes.small))).to.equal(row.expected.small);
      const texts = machine.stats().fragments.flatMap((f) => f.code?.ir.map((stage) => stage.text) ?? []);
      machine.dispose();
      expect(texts.length).to.be.greaterThan(4);
      for (const text of texts) {
        const region = parse(text);
        verify(region);
        expect(print(region, { funcName: namesOf(text) })).to.equal(text);
      }
    });
  }
});
