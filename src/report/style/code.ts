/** The panes of code beside each other. */
export const code = `
.panes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,236px),1fr));gap:10px;margin-top:8px}
.pane{border:1px solid var(--rule);min-width:0;display:flex;flex-direction:column}
@media (min-width:1100px){.pane[data-pane=asm]{grid-column:1/span 2}.pane[data-pane=native]{grid-column:span 2}}
.panehead{display:flex;flex-wrap:wrap;gap:3px 10px;align-items:center;padding:4px 8px;background:var(--panel);border-bottom:1px solid var(--rule);font-size:12px;min-height:33px}
.panehead select{max-width:100%;padding:0 2px}
.fires{padding:3px 8px;font-size:12px;color:var(--soft);border-bottom:1px solid var(--rule);max-height:4.6em;overflow:auto}
.lines{overflow:auto;max-height:min(66vh,720px);padding:4px 0;line-height:1.5;position:relative;tab-size:2}
.line{white-space:pre;padding:0 8px 0 18px;position:relative;width:max-content;min-width:100%;cursor:default}
.line[data-at]{cursor:pointer}
.line.new{background:var(--new)}.line.gone{background:var(--gone);text-decoration:line-through;text-decoration-color:var(--soft)}
.line.new::before,.line.gone::before{position:absolute;left:5px;content:"+"}
.line.gone::before{content:"−"}
.line.hit{background:var(--hit)}
.line.near{box-shadow:inset 0 2px var(--strong-rule)}
.line.active{outline:1px solid var(--link);outline-offset:-1px}
.dim{color:var(--soft)}
.line .reason{font-weight:600}
`;
