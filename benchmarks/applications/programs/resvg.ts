/** An SVG renderer (Rust, wasm-bindgen): draws paths, gradients, clips, filters and a pattern, and encodes PNG. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Application, packageFile, required } from '../application.ts';

interface Image {
  width: number;
  height: number;
  pixels: Uint8Array;
  asPng(): Uint8Array;
}
interface Package {
  initWasm(source: unknown): Promise<void>;
  Resvg: new (svg: string, options?: object) => { render(): Image; getBBox(): { width: number; height: number } };
}

const star = (n: number) =>
  Array.from({ length: n * 2 }, (_, i) => {
    const angle = (i * Math.PI) / n;
    const radius = i % 2 ? 40 : 90;
    return `${(100 + radius * Math.sin(angle)).toFixed(3)},${(100 - radius * Math.cos(angle)).toFixed(3)}`;
  }).join(' ');

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="200" height="200">
<defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="#f06"/><stop offset="1" stop-color="#06f"/></linearGradient>
<radialGradient id="r"><stop stop-color="#ff0"/><stop offset="1" stop-color="#080" stop-opacity=".4"/></radialGradient>
<clipPath id="c"><circle cx="100" cy="100" r="80"/></clipPath>
<pattern id="p" width="12" height="12" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#222"/></pattern>
<filter id="f"><feGaussianBlur stdDeviation="3"/><feOffset dx="4" dy="4"/></filter></defs>
<rect width="200" height="200" fill="url(#p)"/>
<g clip-path="url(#c)"><rect width="200" height="200" fill="url(#g)"/></g>
<polygon points="${star(7)}" fill="url(#r)" stroke="#fff" stroke-width="3" stroke-dasharray="9 4" filter="url(#f)"/>
<path d="M20 180 C60 20 140 20 180 180 S 120 120 100 160 Z" fill="none" stroke="black" stroke-width="5" opacity=".6"/>
</svg>`;

export const application: Application = {
  doc: 'SVG renderer in Rust',
  async open() {
    const { initWasm, Resvg } = required<Package>('@resvg/resvg-wasm');
    await initWasm(await readFile(packageFile('@resvg/resvg-wasm', 'index_bg.wasm')));
    new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>').render();
    return () => {
      const drawing = new Resvg(SVG, { fitTo: { mode: 'width', value: 400 } });
      const image = drawing.render();
      const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
      const { width, height } = drawing.getBBox();
      return [`${image.width}x${image.height}`, `${width}x${height}`, sum(image.pixels), sum(image.asPng())].join('\n');
    };
  },
};
