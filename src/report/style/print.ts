/** Print: no navigation, black on white, nothing cut off. */
import { colours } from '../charts/palette.ts';

export const print = `
@media print{
@page{margin:14mm}
:root{--paper:#fff;--panel:#fff;--ink:#000;--soft:#444;--rule:#ccc;--strong-rule:#777;--link:#000;--hit:#eee;--new:#fff;--gone:#fff;--bar:#bbb;${colours('light')}}
body{display:block;font-size:9.5pt}
nav,.tools,.skip,.hint,noscript{display:none!important}
main{padding:0}
a{text-decoration:none}
table{font-size:8pt}
th,td{padding:1px 5px;white-space:normal}
td.n,th.n{white-space:nowrap}
.scroll{overflow:visible}
figure,tr,.facts div{break-inside:avoid}
h1,h2,h3,caption{break-after:avoid}
thead{display:table-header-group}
.panes{display:block}
.pane{display:block;margin-bottom:6mm}
.lines{height:auto;overflow:visible;max-height:none}
.line{white-space:pre-wrap;width:auto;font-size:7.5pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
