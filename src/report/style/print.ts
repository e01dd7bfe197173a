/** Print: no navigation, black on white, nothing cut off. */
import { colours } from '../charts/palette.ts';

export const print = `
@media print{
@page{margin:14mm}
:root{--paper:#fff;--panel:#fff;--ink:#000;--soft:#444;--rule:#ccc;--strong-rule:#777;--link:#000;--hit:#eee;--new:#fff;--gone:#fff;--bar:#bbb;${colours('light')}}
body{display:block;font-size:9.5pt}
.minor,nav,.tools,.skip,.hint,noscript{display:none!important}
main{padding:0}
a{text-decoration:none}
table,thead th{font-size:8pt}
td.b{padding-left:54px}
.bar{width:40px;left:6px;top:5px;height:7px}
.tree td:nth-child(2),.tree td:last-child{white-space:nowrap}
.tree .bar{display:none}.tree td.b{padding-left:5px}
.tree td.node:first-child{padding-left:calc(var(--level)*12px + 12px)}
.twist{left:calc(var(--level)*12px);top:0}
th,td{padding:1px 5px;white-space:normal;overflow-wrap:anywhere}
td.n,th.n{white-space:nowrap}
.scroll{overflow:visible}
figure,tr,.facts div{break-inside:avoid}
h1,h2,h3,caption{break-after:avoid}
thead{display:table-header-group}
.panes{display:block}
.pane{display:block;margin-bottom:6mm}
.lines{height:auto;overflow:visible;max-height:none}
.line{white-space:pre-wrap;width:auto;font-size:7.5pt}
.line:nth-child(n+61){display:none}
.line:nth-child(n+61):last-child{display:block;visibility:hidden;height:1.6em;overflow:hidden}
.line:nth-child(n+61):last-child::after{visibility:visible;position:absolute;left:18px;top:0;content:"the rest is in the page itself"}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
