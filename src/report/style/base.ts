/** Colours, type and the frame of the page. Contrast of text is at least 4.5 to 1 in both schemes. */
import { colours } from '../charts/palette.ts';

const LIGHT = `--paper:#fff;--panel:#f6f6f4;--ink:#1b1b1b;--soft:#5c5c5c;--rule:#dcdcd8;--strong-rule:#9a9a96;--link:#00558c;--hit:#ffe69a;--new:#e3f1e3;--gone:#f9e4df;--bar:#a9cfe6;`;
const DARK = `--paper:#16181a;--panel:#1f2225;--ink:#e6e6e3;--soft:#a5a8aa;--rule:#34383b;--strong-rule:#74787b;--link:#7cc4f2;--hit:#5a4a0c;--new:#1f3a26;--gone:#45251f;--bar:#2a5874;`;

export function base(): string {
  return `
:root{color-scheme:light dark;${LIGHT}${colours('light')}}
@media (prefers-color-scheme:dark){:root{${DARK}${colours('dark')}}}
*{box-sizing:border-box}
html{scroll-padding-top:12px}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.45 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;display:grid;grid-template-columns:196px minmax(0,1fr)}
code,.lines{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:1px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--paper);padding:4px 8px;z-index:9}
.defs{position:absolute}
nav{position:sticky;top:0;align-self:start;height:100vh;overflow:auto;padding:20px 12px 20px 16px;border-right:1px solid var(--rule);background:var(--panel);font-size:13px}
nav ul{list-style:none;margin:14px 0 0;padding:0}
nav li a{display:block;padding:3px 0;color:inherit;text-decoration:none}
nav li a:hover{text-decoration:underline}
nav label{display:block;color:var(--soft);font-size:12px;margin-top:12px}
nav select{width:100%;margin-top:2px}
.brand{font-weight:600;margin:0;overflow-wrap:anywhere}
main{padding:20px 28px 60px;min-width:0}
h1{font-size:21px;line-height:1.25;margin:0 0 4px;font-weight:600;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 10px;font-weight:600;overflow-wrap:anywhere}
h2.run{margin:30px 0 0;padding-bottom:5px;border-bottom:2px solid var(--ink)}
h3{font-size:14px;margin:16px 0 6px}
h3.h2{font-size:16px;margin:0 0 8px}
section{padding:20px 0 6px}
article.run section+section{border-top:1px solid var(--rule)}
main>section{padding-top:22px}
#glossary{border-top:2px solid var(--ink);margin-top:24px}
p{margin:0 0 10px;max-width:76ch}
.result{font-size:15px}
.none,.doc,.hint{color:var(--soft)}
.wrap{overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:8px 26px;margin:0 0 12px;max-width:1180px}
.facts.tight{grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:6px 20px}
dt{color:var(--soft);font-size:12px}
dd{margin:0;overflow-wrap:anywhere}
.terms{columns:2 340px;column-gap:32px;margin:0;max-width:1180px}
.terms div{break-inside:avoid;padding:0 0 7px}
.terms dt{font-size:14px;color:inherit}
dfn{font-style:normal;font-weight:600}
details{margin:4px 0 12px}
summary{cursor:pointer}
.tools{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;margin:10px 0 6px;font-size:13px}
button,input,select{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--strong-rule);border-radius:3px;padding:2px 7px}
input[type=checkbox]{accent-color:var(--link);margin:0;vertical-align:-1px}
button{cursor:pointer}button[disabled]{opacity:.45;cursor:default}
[hidden]{display:none!important}
@media (max-width:860px){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--rule)}nav ul{columns:2}main{padding:16px}}
`;
}
