/** The traces in `traces/`: they can be read back, and recording gives them again. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { recordArchive } from '../../scripts/traces/archive.ts';
import { parseTraceText, printTraceText } from '../../src/record/text.ts';

const dir = fileURLToPath(new URL('../../traces/', import.meta.url));
const read = (file: string) => readFileSync(dir + file, 'utf8');

describe('archive of traces', () => {
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.trace'))) {
    it(`${file} reads back as it was printed`, () => {
      const traces = read(file).trimEnd().split('\n\n');
      expect(traces).not.to.be.empty;
      for (const text of traces) {
        const trace = parseTraceText(text);
        expect(trace.lines).not.to.be.empty;
        expect(printTraceText(trace).trimEnd()).to.equal(text);
      }
    });
  }

  it('is what recording gives (`npm run traces` writes it anew)', () => {
    const recorded = recordArchive();
    expect(recorded.map(({ file }) => file).sort()).to.deep.equal(
      readdirSync(dir)
        .filter((n) => n.endsWith('.trace'))
        .sort(),
    );
    for (const { file, text } of recorded) expect(text, file).to.equal(read(file));
  });

  it('names the line of a text that is not a trace', () => {
    expect(() => parseTraceText('trace T1 root $f+0x2\n$f+0x2  head\nhello')).to.throw('line 3');
    expect(() => parseTraceText('hello')).to.throw('line 1');
  });
});
