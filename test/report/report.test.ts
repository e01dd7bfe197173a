/** The report as a file: self-contained, complete, safe against hostile names, small and quick with many fragments. */
import { Script } from 'node:vm';
import { expect } from 'chai';
import { HEAD, RUN, TAIL } from '../../src/report/catalogue.ts';
import { renderReport } from '../../src/report/index.ts';
import { type Packed, unpack } from '../../src/report/pack.ts';
import { pageScript } from '../../src/report/script.ts';
import { interpretedRun, manyFragments, smallRun } from './fixture.ts';

/** What the `data` element of a report holds. */
function embedded(page: string): { slug: string; packed: Packed }[] {
  const text = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page)![1]!;
  return JSON.parse(text);
}

describe('report file', () => {
  let page: string;
  before(async () => {
    page = await renderReport([smallRun(), interpretedRun()], { compare: true });
  });

  it('refers to nothing outside itself', () => {
    const outside = page.match(/\b(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}[^\s"'<)]*/gi) ?? [];
    expect(outside.filter((u) => u !== 'http://www.w3.org/2000/svg')).to.deep.equal([]);
    expect(page).not.to.match(/<(?:link|script|img|iframe)[^>]+(?:src|href)="(?!data:)/);
    expect(page).not.to.match(/@import|url\((?!#p-)/);
  });

  it('has every section for every run, and links only to ids that exist', () => {
    for (const s of [...HEAD, ...TAIL]) expect(page).to.contain(`<section id="${s.id}">`);
    for (const slug of ['crc32', 'fib']) {
      for (const s of RUN) expect(page).to.contain(`<section id="${slug}/${s.id}">`);
    }
    const ids = new Set([...page.matchAll(/\bid="([^"]+)"/g)].map((m) => m[1]));
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((m) => m[1]!).filter((t) => !/\/T\d+$/.test(t));
    expect(targets.filter((t) => !ids.has(t))).to.deep.equal([]);
  });

  it('gives ids once', () => {
    const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map((m) => m[1]!);
    expect(ids.length).to.equal(new Set(ids).size);
  });

  it('closes every element that it opens', () => {
    const markup = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '');
    const open: string[] = [];
    for (const [, end, tag, rest] of markup.matchAll(/<(\/?)([a-zA-Z][\w]*)((?:"[^"]*"|[^>"])*)>/g)) {
      if (rest!.endsWith('/') || ['meta', 'link', 'input', 'br'].includes(tag!)) continue;
      if (end) expect(open.pop()).to.equal(tag);
      else open.push(tag!);
    }
    expect(open).to.deep.equal([]);
  });

  it('gives every table a caption and headers with a scope', () => {
    const tables = page.match(/<table[\s\S]*?<\/table>/g)!;
    expect(tables.length).to.be.greaterThan(10);
    for (const t of tables) {
      expect(t).to.match(/<caption/);
      expect(t).to.match(/<th scope="col"/);
      expect(t).to.match(/<th scope="row"/);
      for (const head of t.match(/<th[ >][^>]*/g)!) expect(head).to.contain('scope=');
    }
  });

  it('gives every chart a role and a text', () => {
    const charts = page.match(/<svg[^>]*class="chart"[^>]*>/g)!;
    expect(charts.length).to.be.greaterThan(5);
    for (const c of charts)
      expect(c)
        .to.match(/role="img"/)
        .and.match(/aria-label="[^"]{20,}"/)
        .and.match(/viewBox="0 0 /);
  });

  it('says in one sentence what came out', () => {
    expect(page).to.contain('98.8\u00a0% of them in 3 fragments');
    expect(page).to.contain('all of them interpreted');
  });

  it('embeds the statistics so that they can be read back', () => {
    const data = embedded(page);
    expect(data.map((d) => d.slug)).to.deep.equal(['crc32', 'fib']);
    const { packedCode, codeLeftOut, ...stats } = unpack(data[0]!.packed);
    const run = smallRun();
    for (const f of run.fragments) delete f.code;
    expect(stats).to.deep.equal(run);
    expect(Object.keys(packedCode)).to.deep.equal(['1']);
    expect(codeLeftOut).to.equal(0);
  });

  it('has a script that parses', () => {
    expect(() => new Script(pageScript())).not.to.throw();
  });

  it('is the same for the same statistics', async () => {
    expect(await renderReport([smallRun(), interpretedRun()], { compare: true })).to.equal(page);
  });

  it('needs a run', async () => {
    const error = await renderReport([]).catch((e) => e);
    expect(error).to.be.instanceOf(RangeError);
  });
});

describe('report of hostile names', () => {
  it('shows them as text', async () => {
    const run = smallRun();
    const evil = `</script><script>alert(1)</script>"'<img src=x onerror=alert(1)><!--`;
    run.module.path = `dir/${evil}.wasm`;
    run.functions[0]!.name = evil;
    run.fragments[0]!.name = evil;
    run.fragments[0]!.exits[0]!.reason = evil;
    run.aborts[0]!.name = evil;
    run.timeline[0]!.event = evil;
    run.passes[0]!.rules[evil] = 3;
    run.options[evil] = evil;
    run.traces.aborted[evil] = 3;
    run.exits.byReason[evil] = 3;
    const page = await renderReport([run, smallRun()], { title: evil });
    expect(page.match(/<script/g)).to.have.length(2);
    expect(page).not.to.contain('<img');
    expect(page).not.to.contain('<!--');
    expect(page).to.contain('&lt;/script&gt;');
    expect(unpack(embedded(page)[0]!.packed).functions[0]!.name).to.equal(evil);
  });
});

describe('report of 10,000 fragments', () => {
  it('is written in seconds and stays under 10 MB, with the code of the hottest', async () => {
    const run = manyFragments(10_000, true);
    // Time of the processor, not of the clock: other work on the machine must not count.
    const start = process.cpuUsage();
    const page = await renderReport([run]);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).to.be.lessThan(10);
    expect(Buffer.byteLength(page)).to.be.lessThan(10_000_000);
    const data = unpack(embedded(page)[0]!.packed);
    expect(data.fragments).to.have.length(10_000);
    const hottest = run.fragments.reduce((a, b) => (b.instructions > a.instructions ? b : a));
    expect(data.packedCode).to.have.property(String(hottest.id));
    expect(data.codeLeftOut + Object.keys(data.packedCode).length).to.equal(10_000);
  });
});
