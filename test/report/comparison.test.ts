/** Reports of several runs: figures with difference and ratio, fragments by location, functions that differ; the command. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { D3Node } from 'd3-node';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import type { Stats } from '../../src/profile/schema.ts';
import { figuresOf } from '../../src/report/compare/figures.ts';
import { differingFunctions, matchFragments } from '../../src/report/compare/match.ts';
import { renderReport } from '../../src/report/index.ts';
import { Scratch, wynamo } from '../cli/harness.ts';
import { interpretedRun, smallRun } from './fixture.ts';

// biome-ignore lint/suspicious/noExplicitAny: jsdom comes with d3-node and has no types here.
type Any = any;

function parse(text: string): Any {
  const JSDOM = (new D3Node() as Any).jsDom.constructor;
  return new JSDOM(text).window.document;
}

/** Rows of the table with this caption, cells as text. */
function tableRows(document: Any, caption: string): string[][] {
  const found = [...document.querySelectorAll('#comparison caption')].find((c: Any) =>
    c.textContent.startsWith(caption),
  );
  const rows = found?.parentElement.querySelectorAll('tbody tr') ?? [];
  return [...rows].map((r: Any) => [...r.children].map((c: Any) => c.textContent.replaceAll('\u00a0', ' ')));
}

/** The small run, changed; the original stays as it is. */
function changed(change: (s: Stats) => void): Stats {
  const s = structuredClone(smallRun());
  change(s);
  return s;
}

describe('comparison of runs', () => {
  it('figures: value, difference and ratio to the first run', async () => {
    const other = changed((s) => {
      s.time_ms.total *= 2;
      s.exits.taken += 1000;
      s.cache.bytes -= 500;
      s.options.hotLoop = 99;
    });
    const document = parse(await renderReport([smallRun(), other], { labels: ['before', 'after'] }));
    const rows = new Map(tableRows(document, 'Figures').map(([name, ...cells]) => [name, cells]));
    const taken = smallRun().exits.taken;
    expect(rows.get('time')!.slice(2)).to.deep.equal([`+${rows.get('time')![0]}`, '2.00×']);
    expect(rows.get('exits taken')![2]).to.equal('+1,000');
    expect(rows.get('exits taken')![3]).to.equal(`${((taken + 1000) / taken).toFixed(2)}×`);
    expect(rows.get('cache')![2]).to.equal('−500 B');
    expect(rows.get('guest instructions')!.slice(2)).to.deep.equal(['=', '1.00×']);
    expect(tableRows(document, 'What the runs do not have in common')).to.deep.equal([['hotLoop', '–', '99']]);
    expect(document.querySelector('nav a[href="#comparison"]')).not.to.equal(null);
  });

  it('what a run does not tell is no zero', () => {
    const blind = changed((s) => Object.assign(s.time_ms, { interpret: 0, fragments: 0, host: 0 }));
    const interpret = figuresOf([smallRun(), blind]).find((f) => f.name === 'time: interpret')!;
    expect(interpret.of(smallRun())).to.be.greaterThan(0);
    expect(interpret.of(blind)).to.equal(null);
    const native = changed((s) => {
      s.mode = 'native';
      s.instructions = { interpreter: 0, fragments: 0, total: 0, coverage: 0 };
    });
    for (const f of figuresOf([smallRun(), native])) if (f.name !== 'time') expect(f.of(native), f.name).to.equal(null);
  });

  it('fragments match by location and kind, whatever their numbers', () => {
    const other = changed((s) => {
      // Made in another order, one made twice, one not at all.
      const [first, second] = s.fragments;
      first!.id = 7;
      s.fragments = [{ ...first!, id: 5, instructions: 10, entries: 1, exits: [] }, second!, first!];
    });
    const matches = matchFragments([smallRun(), other]);
    const [a, b, c] = smallRun().fragments;
    expect(matches.map((m) => [m.kind, m.offset])).to.deep.equal([a!, b!, c!].map((f) => [f.kind, f.offset]));
    expect(matches[0]!.sides[1]).to.include({
      id: 7,
      fragments: 2,
      instructions: a!.instructions + 10,
      entries: a!.entries + 1,
    });
    expect(matches[2]!.sides[1]).to.equal(null);
  });

  it('functions that differ come with the largest difference first', () => {
    const other = changed((s) => {
      s.functions[0]!.instructions += 3;
    });
    const name = smallRun().functions[0]!.name;
    expect(differingFunctions([smallRun(), other]).rows.map((r) => r.name)).to.deep.equal([name]);
    expect(differingFunctions([smallRun(), smallRun()]).rows).to.deep.equal([]);
  });

  it('only runs of one module are compared, unless all are to be', async () => {
    const runs = [smallRun(), interpretedRun()];
    expect(runs[0]!.module.sha256).not.to.equal(runs[1]!.module.sha256);
    expect(await renderReport(runs)).not.to.contain('<section id="comparison">');
    const asked = await renderReport(runs, { compare: true });
    expect(asked).to.contain('runs of different modules');
    expect(tableRows(parse(asked), 'Figures').length).to.be.greaterThan(5);
  });

  describe('as a command', function () {
    this.timeout(60_000);
    let scratch: Scratch;
    const path = String(wasmPath(guest('dot'), 'O3'));
    before(() => {
      scratch = new Scratch();
    });
    after(() => scratch.remove());

    it('report A.json B.json runs nothing and compares', () => {
      const files = ['-O3', '-O0'].map((flag) => {
        const file = join(scratch.path, `run${flag}.json`);
        expect(
          wynamo(['run', flag, '--compile-free=200', `--stats=${file}`, '--invoke=run', path, '3']).status,
        ).to.equal(0);
        return file;
      });
      const out = join(scratch.path, 'out.html');
      const { status, stdout, stderr } = wynamo(['report', ...files, '-o', out]);
      expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: `${out}\n`, stderr: '' });
      const document = parse(readFileSync(out, 'utf8'));
      expect(document.querySelector('h1').textContent).to.equal('run-O3 and run-O0');
      const fragments = tableRows(document, 'Fragments by location');
      expect(fragments.length).to.be.greaterThan(2);
      const vectors = fragments.find((cells) => cells.at(-1)!.includes('→'))!;
      expect(vectors[0]).to.match(/^\$dot\/run\+0x/);
      expect(document.querySelectorAll('article.run')).to.have.length(2);
      const one = wynamo(['report', files[0]!, '-o', out]);
      expect(one.status).to.equal(0);
      expect(readFileSync(out, 'utf8')).not.to.contain('<section id="comparison">');
    });

    it('says what is wrong with a file', () => {
      const bad = scratch.file('bad.json', '{');
      const other = scratch.file('other.json', '{"a": 1}');
      const newer = scratch.file('newer.json', JSON.stringify({ ...smallRun(), schema: 2 }));
      for (const [args, message] of [
        [[bad], /bad\.json is no JSON/],
        [[other], /other\.json holds no statistics of a run/],
        [[newer], /newer\.json has statistics of schema 2, and this version reads 1/],
        [[join(scratch.path, 'none.json')], /there is no file .*none\.json/],
        [[other, path], /report takes a module, or files with statistics/],
      ] as const) {
        const { status, stderr } = wynamo(['report', ...args]);
        expect(stderr).to.match(message);
        expect(stderr.trim().split('\n')).to.have.length(1);
        expect(status).to.equal(2);
      }
    });
  });
});
