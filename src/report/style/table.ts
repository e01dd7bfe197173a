/** Tables: dense, numbers right-aligned, a quiet bar behind shares; the trace tree. */
export const table = `
.scroll{overflow:auto;max-width:100%}
table{border-collapse:collapse;font-size:13px;margin:0 0 12px}
caption{text-align:left;font-weight:600;padding:6px 0 4px;white-space:nowrap}
caption.quiet{font-weight:400;color:var(--soft)}
caption .more{font-weight:400;color:var(--soft)}
th,td{padding:2px 9px;text-align:left;vertical-align:baseline;white-space:nowrap;font-weight:400;position:relative}
th:first-child,td:first-child{padding-left:0}
thead th{color:var(--soft);font-size:12px;border-bottom:1px solid var(--strong-rule);vertical-align:bottom}
tbody tr+tr>*{border-top:1px solid var(--rule)}
tbody tr:hover{background:var(--panel)}
tr.sum>*{border-top:1px solid var(--strong-rule)!important}
.n{text-align:right}
.doc{white-space:normal}
td.b{padding-left:84px}
.bar{position:absolute;left:12px;top:7px;width:64px;height:9px;background:linear-gradient(var(--bar),var(--bar)) 0 0/var(--v) 100% no-repeat,var(--rule)}
thead button{border:0;padding:0;background:none;color:inherit;text-align:inherit;white-space:nowrap}
thead button:hover{text-decoration:underline}
th[aria-sort]{color:var(--ink)}
th[aria-sort=descending] button::after{content:" ▾"}
th[aria-sort=ascending] button::after{content:" ▴"}
.tree td.node:first-child{padding-left:calc(var(--level)*18px + 14px)}
th[scope=row]{background:var(--paper);position:sticky;left:0;z-index:1}
tbody tr:hover th{background:var(--panel)}
.columns{display:flex;flex-wrap:wrap;gap:0 44px}
.columns>*{min-width:0;max-width:100%}
.side{display:flex;flex-wrap:wrap;gap:0 44px;align-items:flex-start}
.side>figure{flex:0 1 760px;min-width:0}
.side>table{flex:0 1 auto}
.swatch{width:11px;height:11px;vertical-align:-1px;border:1px solid var(--strong-rule);margin-right:3px}
.tree .node{position:relative}
.tree tbody tr{cursor:default}
.tree tr.exit,.tree tr.rest{color:var(--soft)}
.tree tr.more{color:var(--link);cursor:pointer}
.twist{position:absolute;left:calc(var(--level)*18px);top:3px;width:12px;cursor:pointer}
.twist::before{content:"▸"}
tr[aria-expanded=true] .twist::before{content:"▾"}
.tree .reason{color:var(--ink)}
`;
