/** Machines for activations that have moved: nobody asks them for counts, so their regions have no counters. */
import { expect } from 'chai';
import { Machine } from '../../src/machine/machine.ts';
import { resolveOptions } from '../../src/options.ts';
import { parseWat } from '../../src/wasm/wat.ts';

const BYTES = await parseWat(
  `(module (func (export "odd") (param $n i32) (result i32) (local $odd i32) (local $even f64)
    (loop $l
      (if (i32.and (i32.mul (local.get $n) (local.get $n)) (i32.const 8))
        (then (local.set $odd (i32.add (local.get $odd) (local.get $n))))
        (else (local.set $even (f64.add (local.get $even) (f64.const 1)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (local.get $odd) (i32.trunc_f64_s (local.get $even)))))`,
  'odd.wat',
);

/** The result, and whether any region has counted blocks. */
function run(counts: boolean): { result: unknown; counted: boolean } {
  const options = resolveOptions({ hotLoop: 2, hotExit: 2, minRegion: 1, compileFree: 200, keepCode: true });
  const machine = new Machine(BYTES, {}, options);
  machine.compiler.counts = counts;
  const result = (machine.guest.instance.exports.odd as (n: number) => number)(200_000);
  const texts = machine.cache.all.flatMap((fragment) => fragment.code?.ir.map(({ text }) => text) ?? []);
  expect(texts.some((text) => text.includes('branch '))).to.equal(true);
  return { result, counted: texts.some((text) => text.includes('profile.count')) };
}

describe('machines that nobody asks for counts', () => {
  it('compute the same without counters', () => {
    const counted = run(true);
    const uncounted = run(false);
    expect(uncounted.result).to.equal(counted.result);
    expect([counted.counted, uncounted.counted]).to.deep.equal([true, false]);
  });
});
