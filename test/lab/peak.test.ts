// Peak memory of a measured process: its own, however much its parent has.

import { execFileSync } from 'node:child_process';
import { expect } from 'chai';

const SCRIPT = `
const { peakMemory } = await import(${JSON.stringify(new URL('../../src/lab/peak.ts', import.meta.url).href)});
const before = peakMemory();
Buffer.alloc(100e6, 1);
console.log(JSON.stringify([before, peakMemory()]));`;

describe('peak memory of a process', () => {
  it('leaves out what its parent has, and stays at the most that there was', () => {
    const parents = Buffer.alloc(400e6, 1);
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' });
    const [before, after] = JSON.parse(out) as [number, number];
    expect(before).to.be.within(20e6, 350e6);
    expect(after - before).to.be.within(60e6, 200e6);
    expect(parents[0]).to.equal(1);
  });
});
