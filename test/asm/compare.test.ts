/** Machine code of real fragments beside that of the guest's own loops, through the command and as a whole. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { machineCode } from '../../src/asm/engine.ts';
import { slimModule } from '../../src/asm/slim.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { functionName } from '../../src/wasm/names.ts';
import { wynamo } from '../cli/harness.ts';

const bytesOf = (name: string) => readFileSync(wasmPath(guest(name), 'O3'));

describe('machine code of fragments', function () {
  this.timeout(60_000);

  it('dump --stage=asm: code, figures, and the same loop natively', function () {
    if (process.arch !== 'x64') this.skip();
    const path = String(wasmPath(guest('dot'), 'O3'));
    const { stdout, stderr, status } = wynamo(['dump', '--stage=asm', '--invoke=run', path, '3']);
    expect(status, stderr).to.equal(0);
    const parts = stdout.split(/^(?=;; T\d)/m);
    // The product is a loop of vectors before a scalar one, and natively one without vectors.
    const product = parts.find((part) => /\n\S+ +fragment +4 +\d+ +8 +0 +\d+ +0 +\d+ +1\d +1\n/.test(part))!;
    const rows = [...product.matchAll(/^(\$dot\/run\+0x[0-9a-f]+) +(fragment|native) +(\d+) +(\d+) +(\d+)/gm)];
    expect(new Set(rows.map((r) => r[1])).size).to.equal(1);
    expect(rows.map((r) => r[2])).to.deep.equal(['fragment', 'fragment', 'native']);
    // Both load two elements in each of four trips.
    expect(rows.map((r) => r[5])).to.deep.equal(['8', '8', '8']);
    expect(product).to.match(/^ *[0-9a-f]+ \| v?pmulld /m);
    expect(product).to.contain('native code of the same loop:');
    expect(product).to.match(/ {2} *[0-9a-f]+ \| imull /);
  });

  it('a module without all but a few functions compiles them to the same code', () => {
    const bytes = bytesOf('nbody');
    const module = decodeModule(bytes);
    const run = module.exports.find((e) => e.name === 'run')!.index;
    const small = slimModule(module, new Set([run]));
    expect(WebAssembly.validate(small as Uint8Array<ArrayBuffer>)).to.equal(true);
    const [whole, slim] = [bytes, small].map((b) => machineCode([b]).find((f) => f.index === run)!);
    const shape = (f: typeof whole) => f!.instructions.map((i) => i.text.replace(/0x[0-9a-f]+/g, '#'));
    expect(slim!.size).to.equal(whole!.size);
    expect(shape(slim)).to.deep.equal(shape(whole));
  });

  it('every guest stays valid when functions are left out', () => {
    for (const name of ['bulk', 'callbacks', 'indirect', 'quicksort', 'multivalue']) {
      const module = decodeModule(readFileSync(wasmPath(guest(name), guest(name).builds[0]!)));
      for (let func = module.importedFunctions; func < module.functions.length; func++)
        expect(
          WebAssembly.validate(slimModule(module, new Set([func])) as Uint8Array<ArrayBuffer>),
          `${name} ${functionName(module, func)}`,
        ).to.equal(true);
    }
  });

  it('an engine that prints nothing is one sentence', () => {
    expect(() => machineCode([Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)])).to.throw(
      /^there is no machine code to show: .* prints none/,
    );
  });

  it('reports have it for the hottest', () => {
    const path = String(wasmPath(guest('dot'), 'O3'));
    const bad = wynamo(['report', '--asm=x', '--invoke=run', path, '3']);
    expect(bad.stderr).to.contain('--asm takes a whole number');
    expect(bad.status).to.equal(2);
  });
});
