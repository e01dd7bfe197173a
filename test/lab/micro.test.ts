import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { PASSES } from '../../src/opt/pipeline.ts';

const SUITES = new URL('../../benchmarks/micro/suites/', import.meta.url);

describe('micro-suites', () => {
  for (const file of readdirSync(SUITES)) {
    it(`${file} has what it times`, async () => {
      const { doc, cases } = (await import(new URL(file, SUITES).href)) as { doc: string; cases: object };
      expect(doc).to.be.a('string');
      expect(Object.keys(cases)).to.have.length.above(2);
      if (file === 'passes.ts') expect(cases).to.include.keys(PASSES.map(({ name }) => name));
    });
  }
});
