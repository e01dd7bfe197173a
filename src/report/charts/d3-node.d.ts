/** d3-node has no types; these are what the charts use. */
declare module 'd3-node' {
  import type { D3, Pen } from './draw.ts';
  export class D3Node {
    constructor(options?: object);
    readonly d3: D3;
    createSVG(): Pen;
    svgString(): string;
  }
}
