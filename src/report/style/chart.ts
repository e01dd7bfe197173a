/** Charts: text in the page's colour, thin rules, halos behind labels that lie on patterns. */
export const chart = `
figure{margin:0 0 12px}
figcaption{color:var(--soft);font-size:12px;max-width:90ch}
.chart{display:block;width:100%;height:auto;margin:4px 0}
.chart text{font-size:11px;fill:currentColor;font-family:inherit}
.chart .tick{fill:var(--soft)}
.chart .small{font-size:10px}
.chart .name{font-weight:600}
.chart .strong{font-weight:600}
.chart .on{paint-order:stroke;stroke:var(--paper);stroke-width:3.5px;stroke-linejoin:round}
.chart .plate{fill:var(--paper)}
.chart .rule{stroke:var(--rule);fill:none;shape-rendering:crispEdges}
.chart .axis{stroke:var(--strong-rule);fill:none;shape-rendering:crispEdges}
.chart .mark{stroke:var(--soft);stroke-dasharray:4 3;fill:none}
.chart .part{stroke:var(--paper);stroke-width:1}
.chart .curve{stroke:var(--c-fragments);stroke-width:1.6;fill:none}
.chart .area{fill:var(--c-fragments);opacity:.16}
.chart .dot{fill:var(--c-fragments)}
.chart .flag{fill:var(--paper);stroke:var(--ink);stroke-width:1.6}
.chart .event{stroke:var(--ink);opacity:.75}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:12px;margin:2px 0 4px;max-width:none}
`;
