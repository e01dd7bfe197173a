/**
 * Runs in the explorer's page (embedded as text, so self-contained): sends what to try, asks how the runs are, and shows the
 * report of the chosen ones.
 */
import type { Doc, Elem, Win } from '../report/browser/dom.ts';
import type { RunView } from './server.ts';

interface Answer {
  readonly ok: boolean;
  json(): Promise<unknown>;
}

type Page = Win & {
  fetch(url: string, options?: object): Promise<Answer>;
  setTimeout(f: () => void, ms: number): void;
};

export function client(doc: Doc, win: Win): void {
  const page = win as Page;
  const at = (id: string) => doc.getElementById(id)!;
  const frame = at('report') as Elem & { src: string; contentWindow: Win | null };
  const chosen = new Set<number>();
  let shown = '';

  function flags(): string[] {
    const changed = [...doc.querySelectorAll('[data-pass]')].filter(
      (box) => box.checked !== (box.dataset.usual === '1'),
    );
    const changes = changed.map((box) => `${box.checked ? '+' : '-'}${box.dataset.pass}`);
    const out = changes.length > 0 ? [`-O${changes.join(',')}`] : [];
    for (const field of doc.querySelectorAll('[data-default]')) {
      const name = field.getAttribute('name')!;
      const flag = name.length === 1 ? `-${name}` : `--${name}`;
      if (field.getAttribute('type') === 'checkbox') {
        if (field.checked) out.push(flag);
      } else if (field.value !== field.dataset.default) out.push(`${flag}=${field.value}`);
    }
    return out;
  }

  async function post(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await page.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    const { message } = (await answer.json()) as { message: string };
    at('message').textContent = message;
    await look();
  }

  function cell(text: string, number: boolean): Elem {
    const td = doc.createElement('td');
    if (number) td.className = 'n';
    td.textContent = text;
    return td;
  }

  function row(run: RunView): Elem {
    const tr = doc.createElement('tr');
    const box = doc.createElement('input');
    box.setAttribute('type', 'checkbox');
    box.setAttribute('aria-label', `Report of run ${run.id}`);
    box.id = `show${run.id}`;
    box.checked = chosen.has(run.id);
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(run.id);
      else chosen.delete(run.id);
      at('live').checked = false;
      void look();
    });
    const first = doc.createElement('td');
    first.append(box);
    const count = new Intl.NumberFormat('en-US');
    const state = run.state === 'done' && run.status !== 0 ? `status ${run.status}` : run.state;
    tr.append(
      first,
      cell(run.flags.join(' ') || 'defaults', false),
      cell(run.message ? `${state}: ${run.message}` : state, false),
      cell(run.ms === null ? '' : run.ms.toFixed(0), true),
      cell(run.instructions === null ? '' : count.format(run.instructions), true),
      cell(run.coverage === null ? '' : `${(100 * run.coverage).toFixed(1)} %`, true),
      cell(run.fragments === null ? '' : count.format(run.fragments), true),
    );
    return tr;
  }

  /** A report that is shown already keeps its place. */
  function showReport(runs: RunView[]): void {
    const wanted = runs.filter((run) => chosen.has(run.id) && run.ms !== null);
    if (wanted.length === 0) return;
    const key = wanted.map((run) => `${run.id}.${run.version}`).join();
    if (key === shown) return;
    const same = shown.replace(/\.\d+/g, '') === wanted.map((run) => run.id).join();
    const hash = same ? (frame.contentWindow?.location.hash ?? '') : '';
    shown = key;
    frame.src = `report/${wanted.map((run) => run.id).join()}?v=${encodeURIComponent(key)}${hash}`;
  }

  async function look(): Promise<void> {
    const runs = (await (await page.fetch('runs')).json()) as RunView[];
    const last = runs.at(-1);
    if (last && at('live').checked) {
      chosen.clear();
      chosen.add(last.id);
    }
    const focus = doc.querySelector('#runs :focus')?.id;
    at('runs').replaceChildren(...runs.map(row));
    if (focus) doc.getElementById(focus)?.focus();
    const running = last?.state === 'running';
    at('run').toggleAttribute('disabled', running);
    at('stop').toggleAttribute('disabled', !running);
    showReport(runs);
  }

  function again(): void {
    page.setTimeout(() => {
      look()
        .catch(() => {
          at('message').textContent = 'The explorer has ended.';
        })
        .finally(again);
    }, 1000);
  }

  at('controls').addEventListener('submit', (event) => {
    event.preventDefault();
    at('live').checked = true;
    void post('run', { flags: flags() });
  });
  at('stop').addEventListener('click', () => void post('stop', {}));
  void look();
  again();
}
