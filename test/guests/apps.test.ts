// The real programs run natively and agree with an independent implementation: the JavaScript benchmark with Node's own
// engine, the hashes with Node's own crypto.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import * as hash from '../../benchmarks/apps/hash.ts';
import * as quickjs from '../../benchmarks/apps/quickjs.ts';

describe('apps natively', () => {
  it('quickjs.wasm gives the report that this engine gives', async () => {
    const run = await quickjs.open();
    const script = readFileSync(quickjs.scriptPath, 'utf8');
    expect(run(2)).to.equal(runInNewContext(`${script}; benchmark(2)`));
    expect(run(2)).to.equal(run(2));
  });

  it('hash-wasm gives the digests of node:crypto', async () => {
    const run = await hash.open();
    const data = hash.input();
    const twice = Buffer.concat([data, data]);
    const hex = (name: string) => createHash(name).update(twice).digest('hex').slice(0, 32);
    const lines = run(2).split('\n');
    for (const [ours, theirs] of [
      ['md5', 'md5'],
      ['sha1', 'sha1'],
      ['sha512', 'sha512'],
      ['sha3', 'sha3-256'],
    ] as const) {
      expect(lines).to.include(`${ours}: ${hex(theirs)}`);
    }
    expect(lines).to.include(`crc32: ${crc32(twice).toString(16).padStart(8, '0')}`);
  });
});
