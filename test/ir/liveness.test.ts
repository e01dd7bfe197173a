/** Slots that exits need not write. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { instantiateSync } from '../../src/index.ts';
import { parse } from '../../src/ir/parse.ts';

describe('liveness of slots', () => {
  it('keeps no operands alive whose places the code does not read', () => {
    const bytes = readFileSync(wasmPath(guest('sad'), 'O3'));
    const { instance, machine } = instantiateSync(
      bytes,
      {},
      { keepCode: true, compileFree: 200, deterministic: true, passes: '-vectorize' },
    );
    (instance.exports.run as (n: number) => number)(40);
    // The loop that adds differences, inside the loop over places: operands of the sum are locals read where they are used.
    const stats = machine.stats();
    machine.dispose();
    const regions = stats.fragments.map((f) => parse(f.code!.ir.at(-1)!.text));
    const nest = regions.find((r) => r.blocks.filter((b) => b.loop).length === 2)!;
    const loop = nest.blocks.filter((b) => b.loop).at(1)!;
    const phis = loop.body.filter((ins) => ins.op === 'phi');
    expect(phis).to.have.length(2);
  });
});
