/** The explorer's own page: what to try, the runs so far, and below them the report of those that are chosen. */
import type { Parsed } from '../cli/flag.ts';
import { spelling } from '../cli/flag.ts';
import { PASSES, passSet } from '../opt/pipeline.ts';
import { OPTION_ROWS, type OptionRow, type Options } from '../options.ts';
import { type Html, html, raw } from '../report/html.ts';
import { base } from '../report/style/base.ts';
import { client } from './client.ts';

/** Thresholds and sizes first, then what can be switched off. Passes have switches of their own. */
const SHOWN: readonly OptionRow[] = [
  ...OPTION_ROWS.filter((row) => row.kind === 'tuning'),
  ...OPTION_ROWS.filter((row) => row.kind === 'ablation'),
].filter((row) => row.name !== 'passes');

function field(row: OptionRow, options: Readonly<Options>): Html {
  const value = options[row.name as keyof Options];
  const attributes = html`name="${row.flag}" title="${row.doc}" data-default="${String(row.default)}"`;
  const input =
    row.type === 'bool'
      ? html`<input type="checkbox" ${attributes}${value === true && html` checked`}>`
      : row.type === 'choice'
        ? html`<select ${attributes}>${row.choices.map((c) => html`<option${c === value && html` selected`}>${c}</option>`)}</select>`
        : html`<input type="text" ${attributes} value="${String(value)}" spellcheck="false" autocomplete="off">`;
  return html`<label><span>${spelling(row.flag)}</span>${input}</label>`;
}

/** `nonce` admits the page's own script. */
export function explorerPage(name: string, { options }: Parsed, nonce: string): string {
  const [usual, on] = [passSet(''), passSet(options.passes)].map((set) => set.names);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Explore ${name}</title>
<style>${raw(base() + STYLE)}</style>
</head>
<body>
<form id="controls" aria-label="What to try">
<h1>${name}</h1>
<p class="tools"><button type="submit" id="run">Run</button><button type="button" id="stop" disabled>Stop</button></p>
<output id="message" aria-live="polite"></output>
<fieldset><legend>Passes</legend>${PASSES.map(
    (p) =>
      html`<label class="switch" title="${p.doc}"><input type="checkbox" data-pass="${p.name}" data-usual="${usual!.has(p.name) ? 1 : ''}"${on!.has(p.name) && html` checked`}> ${p.name}</label>`,
  )}</fieldset>
<fieldset><legend>Thresholds and switches</legend>${SHOWN.map((row) => field(row, options))}</fieldset>
</form>
<main>
<table><caption>Runs; choose one for its report, several to compare</caption>
<thead><tr><th scope="col">show</th><th scope="col">flags</th><th scope="col">state</th><th scope="col" class="n">time, ms</th><th scope="col" class="n">instructions</th><th scope="col" class="n">in fragments</th><th scope="col" class="n">fragments</th></tr></thead>
<tbody id="runs"></tbody></table>
<p class="tools"><label><input type="checkbox" id="live" checked> follow the run in progress</label></p>
<iframe id="report" title="Report of the chosen runs"></iframe>
</main>
<script nonce="${nonce}">${raw(`(${String(client)})(document, window)`)}</script>
</body>
</html>
`.text;
}

const STYLE = `
body{grid-template-columns:260px minmax(0,1fr);height:100vh}
form{border-right:1px solid var(--rule);background:var(--panel);padding:14px;overflow:auto;height:100vh}
fieldset{border:0;border-top:1px solid var(--rule);margin:12px 0 0;padding:8px 0 0}
legend{color:var(--soft);font-size:12px;padding:0}
label{display:flex;justify-content:space-between;gap:8px;align-items:center;margin:2px 0;font-size:13px}
label.switch,.tools label{justify-content:flex-start}
label input[type=text],label select{width:118px}
main{display:flex;flex-direction:column;height:100vh;padding:14px}
table{border-collapse:collapse;font-size:13px}
caption{text-align:left;color:var(--soft);padding-bottom:4px}
th,td{padding:2px 10px 2px 0;text-align:left;font-weight:400}
thead th{color:var(--soft);font-size:12px;border-bottom:1px solid var(--strong-rule)}
.n{text-align:right}
iframe{flex:1;min-height:300px;border:1px solid var(--rule);width:100%}
#message{display:block;min-height:1.4em;color:var(--soft);font-size:13px;overflow-wrap:anywhere}
@media (max-width:860px){body{display:block;height:auto}form{height:auto;border-right:0}main{height:auto}iframe{height:80vh}}
`;
