/** The report as a page: its script runs in jsdom, links, tables, tree and code panes answer to mouse and keys. */
import { expect } from 'chai';
import { D3Node } from 'd3-node';
import { renderReport } from '../../src/report/index.ts';
import { interpretedRun, manyFragments, smallRun } from './fixture.ts';

// biome-ignore lint/suspicious/noExplicitAny: jsdom comes with d3-node and has no types here.
type Any = any;

interface Opened {
  window: Any;
  document: Any;
  errors: string[];
}

/** Opens a page at an address; script errors are collected. */
function open(text: string, hash = ''): Opened {
  const made = new D3Node() as Any;
  const JSDOM = made.jsDom.constructor;
  const VirtualConsole = made.jsDom.virtualConsole.constructor;
  const errors: string[] = [];
  const virtualConsole = new VirtualConsole();
  virtualConsole.on('jsdomError', (e: Error) => errors.push(String(e.stack ?? e)));
  const dom = new JSDOM(text, {
    url: `file:///report.html${hash}`,
    runScripts: 'dangerously',
    virtualConsole,
    beforeParse(window: Any) {
      Object.assign(window, { DecompressionStream, Blob, Response });
    },
  });
  return { window: dom.window, document: dom.window.document, errors };
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Waits until the panes of code show something. */
async function drawn(page: Opened, slug = 'crc32'): Promise<Any> {
  for (let i = 0; i < 100; i++) {
    const area = page.document.getElementById(`${slug}/code`).querySelector('.panes');
    if (area.children.length > 0) return area;
    await wait(10);
  }
  throw new Error(`The panes of ${slug} stay empty: ${page.errors.join('\n')}`);
}

const texts = (list: Iterable<Any>): string[] => [...list].map((e) => e.textContent);
const rows = (grid: Any): Any[] => [...grid.querySelectorAll('tbody tr')];
const press = (page: Opened, key: string) =>
  page.document.activeElement.dispatchEvent(new page.window.KeyboardEvent('keydown', { key, bubbles: true }));

describe('report page', () => {
  let text: string;
  before(async () => {
    text = await renderReport([smallRun(), interpretedRun(), manyFragments(60, true)]);
  });

  it('shows one workload, and another when it is chosen', () => {
    const page = open(text);
    const shown = () => [...page.document.querySelectorAll('article.run')].filter((a) => !a.hidden).map((a) => a.id);
    expect(shown()).to.deep.equal(['crc32']);
    const select = page.document.querySelector('#workload');
    select.value = 'quickjs';
    select.dispatchEvent(new page.window.Event('change'));
    expect(shown()).to.deep.equal(['quickjs']);
    expect(page.window.location.hash).to.equal('#quickjs');
    expect(page.document.querySelector('nav a[data-section=time]').getAttribute('href')).to.equal('#quickjs/time');
    expect(page.errors).to.deep.equal([]);
  });

  it('opens at a run that has no fragments', () => {
    const page = open(text, '#fib/time');
    expect(page.document.getElementById('fib').hidden).to.equal(false);
    expect(page.document.getElementById('crc32').hidden).to.equal(true);
    expect(page.errors).to.deep.equal([]);
  });

  it('sorts a table by a column, says so, and keeps it in the address', () => {
    const page = open(text);
    const grid = page.document.querySelector('#crc32 [data-grid=fragments]');
    const head = [...grid.querySelectorAll('th')].find((th) => th.textContent === 'entries');
    head.querySelector('button').click();
    expect(head.getAttribute('aria-sort')).to.equal('descending');
    expect(rows(grid).map((r) => r.children[0].textContent)).to.deep.equal(['T1', 'T2', 'T3']);
    head.querySelector('button').click();
    expect(head.getAttribute('aria-sort')).to.equal('ascending');
    expect(rows(grid).map((r) => r.children[0].textContent)).to.deep.equal(['T3', 'T2', 'T1']);
    expect(page.window.location.hash).to.equal('#crc32/fragments?grid=fragments&sort=entries&up=1');
  });

  it('shows a table as its address says', () => {
    const page = open(text, '#quickjs/fragments?grid=fragments&sort=bytes&up=1&find=js_regexp');
    const grid = page.document.querySelector('#quickjs [data-grid=fragments]');
    const names = rows(grid).map((r) => r.children[1].textContent);
    expect(names.length).to.be.greaterThan(3);
    for (const n of names) expect(n).to.match(/^\$js_regexp/);
    const run = manyFragments(60, true);
    const bytes = run.fragments.filter((f) => f.name.startsWith('js_regexp')).map((f) => f.bytes);
    const column = texts(grid.querySelectorAll('thead th')).indexOf('bytes');
    const shown = rows(grid).map((r) => Number(r.children[column].textContent.replaceAll(',', '')));
    expect(shown).to.deep.equal(bytes.sort((a, b) => a - b).slice(0, 25));
  });

  it('sorts the table of workloads', () => {
    const page = open(text);
    const table = page.document.querySelector('#workloads table');
    const names = () => rows(table).map((r) => r.children[0].textContent);
    const click = (head: string) =>
      [...table.querySelectorAll('thead button')].find((b) => b.textContent === head).click();
    expect(names()).to.deep.equal(['crc32.wasm', 'fib.wat', 'quickjs.wasm']);
    click('total');
    expect(names()).to.deep.equal(['quickjs.wasm', 'fib.wat', 'crc32.wasm']);
    click('total');
    expect(names()).to.deep.equal(['crc32.wasm', 'fib.wat', 'quickjs.wasm']);
    click('cache');
    expect(names()).to.deep.equal(['quickjs.wasm', 'crc32.wasm', 'fib.wat']);
    expect([...table.querySelectorAll('[aria-sort]')].map((th) => th.textContent)).to.deep.equal(['cache']);
  });

  it('searches and turns pages', () => {
    const page = open(text, '#quickjs');
    const grid = page.document.querySelector('#quickjs [data-grid=fragments]');
    const tools = grid.querySelector('.tools');
    expect(tools.querySelector('output').textContent).to.equal('1–25 of 60 rows');
    const first = rows(grid)[0].textContent;
    tools.querySelector('[aria-label="Next rows"]').click();
    expect(tools.querySelector('output').textContent).to.equal('26–50 of 60 rows');
    expect(rows(grid)[0].textContent).not.to.equal(first);
    const find = tools.querySelector('input');
    find.value = 'no such thing';
    find.dispatchEvent(new page.window.Event('input'));
    expect(rows(grid)).to.have.length(0);
    expect(tools.querySelector('output').textContent).to.equal('0 of 60 rows');
  });

  it('walks the trace tree with the keys', () => {
    const page = open(text);
    const tree = page.document.querySelector('#crc32 table[role=treegrid]');
    const top = tree.querySelector('[aria-level="1"]');
    expect(top.getAttribute('tabindex')).to.equal('0');
    expect(top.getAttribute('aria-expanded')).to.equal('true');
    const inner = [...tree.querySelectorAll('tr')].find((r) => r.textContent.startsWith('T2'));
    expect(inner.getAttribute('aria-level')).to.equal('3');
    top.focus();
    press(page, 'ArrowDown');
    expect(page.document.activeElement.textContent).to.match(/^exit 0 loop.*60,000→ T1 \(itself\)/);
    press(page, 'ArrowDown');
    expect(page.document.activeElement.textContent).to.match(/^exit 2 branch.*7,108↳ T2/);
    press(page, 'ArrowRight');
    expect(page.document.activeElement).to.equal(inner);
    // Closes T2, goes to its exit, closes that, goes to T1, closes it.
    for (let i = 0; i < 5; i++) press(page, 'ArrowLeft');
    expect(page.document.activeElement).to.equal(top);
    expect(top.getAttribute('aria-expanded')).to.equal('false');
    expect(tree.textContent).not.to.contain('exit 0 loop');
    press(page, 'End');
    expect(page.document.activeElement.textContent).to.match(/^exit 0 return/);
    press(page, 'ArrowLeft');
    expect(page.document.activeElement.textContent).to.match(/^T3 entry/);
    expect(page.errors).to.deep.equal([]);
  });

  it('shows the code of a trace with the same guest location marked in all panes', async () => {
    const page = open(text, '#crc32/T1?at=62');
    const area = await drawn(page);
    const marked = (id: string) => texts(area.querySelectorAll(`[data-pane=${id}] .line.hit`));
    expect(marked('guest')).to.deep.equal(['    i32.load8_u              ;; +0x62']);
    expect(marked('trace')).to.deep.equal(['+0x62 i32.load8_u']);
    expect(marked('ir')).to.have.length(2);
    expect(marked('wat')).to.have.length(1);
    const other = [...area.querySelectorAll('[data-pane=trace] .line')].find((l) => l.textContent.includes('0x74'));
    other.click();
    expect(marked('wat')[0]).to.contain('offset=1024');
    expect(page.window.location.hash).to.equal('#crc32/T1?at=74&ir=2');
    const lines = area.querySelector('[data-pane=trace] .lines');
    lines.focus();
    press(page, 'ArrowDown');
    expect(marked('trace')).to.deep.equal(['+0x7a i32.lt_u']);
    expect(lines.getAttribute('aria-activedescendant')).to.equal(area.querySelector('[data-pane=trace] .line.hit').id);
    expect(page.errors).to.deep.equal([]);
  });

  it('shows what a pass changed and which rules fired', async () => {
    const page = open(text, '#crc32/T1');
    const area = await drawn(page);
    const pane = area.querySelector('[data-pane=ir]');
    const select = pane.querySelector('select');
    expect(texts(select.children)).to.deep.equal(['built', 'after fold (−1)', 'after guards (−1)']);
    select.value = '1';
    select.dispatchEvent(new page.window.Event('change'));
    expect(texts(pane.querySelectorAll('.gone')).map((l) => l.trim().split(' ')[0])).to.deep.equal(['v9', 'v10']);
    expect(texts(pane.querySelectorAll('.new'))).to.deep.equal(['  v10 = i32.and v8 255 @+0x69']);
    expect(pane.querySelector('.fires').textContent).to.equal('const-operand ×1');
    const changes = pane.querySelector('input');
    changes.checked = false;
    changes.dispatchEvent(new page.window.Event('change'));
    expect(pane.querySelectorAll('.gone, .new')).to.have.length(0);
  });

  it('shows source and machine code where the run has them', async () => {
    const run = smallRun();
    const first = run.fragments.find((f) => f.id === 1)!;
    run.functions[0]!.file = 'crc32.ts';
    run.functions[0]!.line = 9;
    Object.assign(first, { file: 'crc32.ts', line: 12 });
    first.code!.source = [
      {
        file: 'crc32.ts',
        lines: [
          { line: 12, text: '  while (p < end) {', at: [0x5e, 0x7a] },
          { line: 13, text: '    crc = next(crc, load<u8>(p));', at: [0x62, 0x74] },
        ],
      },
    ];
    const loop = {
      ...{ name: 'crc32', offset: 0x5e, from: 0x40, to: 0x60, unrolled: 2, instructions: 14, loads: 4, stores: 0 },
      ...{ branches: 2, calls: 0, spills: 1, vectors: 0, polls: 1 },
    };
    first.code!.asm = {
      bytes: 96,
      loops: [loop],
      native: [{ ...loop, instructions: 12, spills: 0 }],
      text: '   40 | movzxbl rax,[rcx+0x10]   ;; +0x62\n   44 | jnz 40',
      nativeText: '   20 | movzxbl rax,[rcx+rdx*1]  ;; +0x62',
    };
    const page = open(await renderReport([run]), '#crc32/T1?at=62');
    const area = await drawn(page);
    const marked = (id: string) => texts(area.querySelectorAll(`[data-pane=${id}] .line.hit`));
    expect(marked('source')).to.deep.equal(['13    crc = next(crc, load<u8>(p));']);
    // An offset of an operand is no place of the guest.
    expect(marked('asm')).to.deep.equal(['   40 | movzxbl rax,[rcx+0x10]   ;; +0x62']);
    expect(marked('native')).to.have.length(1);
    area.querySelectorAll('[data-pane=source] .line')[1].click();
    expect(marked('trace')).to.include.members(['+0x5e loop', '+0x7a i32.lt_u']);
    expect(page.window.location.hash).to.contain('at=5e');
    const section = page.document.getElementById('crc32/code');
    const rows_ = [...section.querySelectorAll('caption')].find((c) => c.textContent.startsWith('What the machine'));
    const cells = [...rows_.parentElement.querySelectorAll('tbody tr')].map((r) => texts(r.children).join(' '));
    expect(cells).to.deep.equal(['$crc32+0x5e T1 2 14 7 4 0 2 0 1 0 1', '$crc32+0x5e native 2 12 6 4 0 2 0 0 0 1']);
    expect(section.querySelector('.facts').textContent).to.contain('crc32.ts:12');
    expect(page.errors).to.deep.equal([]);
  });

  it('says so where a trace has no code', () => {
    const page = open(text, '#crc32/T2');
    const section = page.document.getElementById('crc32/code');
    expect(section.textContent).to.contain('The run kept no code of T2.');
    expect(section.querySelector('input').value).to.equal('T2');
    expect(section.querySelector('.facts a').getAttribute('href')).to.equal('#crc32/T1');
  });

  it('opens 10,000 traces in seconds, with few of them in the document', async () => {
    const big = await renderReport([manyFragments(10_000)]);
    const start = process.cpuUsage();
    const page = open(big);
    expect(process.cpuUsage(start).user / 1e6).to.be.lessThan(8);
    expect(page.errors).to.deep.equal([]);
    expect(page.document.querySelectorAll('tr').length).to.be.lessThan(600);
    page.window.location.hash = '#quickjs/T9876';
    await wait(50);
    expect(page.document.getElementById('quickjs/code').querySelector('input').value).to.equal('T9876');
  });
});
