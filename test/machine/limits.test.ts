/** Limits that end a guest: each in the interpreter, in traces and natively first, with a report that can be used. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import type { BOUNDS } from '../../src/cli/limits.ts';
import { instantiateSync, MemoryLimitError, type Options, type Stats, UserError } from '../../src/index.ts';
import { wat } from '../emit/harness.ts';

/** Grows by a page and stores there, n times. */
const GROWS = wat(`(module
  (memory (export "memory") 1)
  (func $f (export "run") (param $n i32) (result i32) (local $at i32)
    (loop $l
      (local.set $at (memory.grow (i32.const 1)))
      (i32.store (i32.mul (local.get $at) (i32.const 65536)) (local.get $n))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (memory.size)))`);

const PAGE = 65536;

describe('the limit of memory', () => {
  for (const [name, options] of [
    ['in the interpreter', { mode: 'interp' }],
    ['in traces', { mode: 'trace', hotLoop: 2, hotEntry: 2, compileShare: 0 }],
  ] as const satisfies [string, Partial<Options>][]) {
    it(`ends a guest that asks for more, ${name}`, () => {
      const { instance, machine } = instantiateSync(GROWS, {}, { ...options, maxMemory: 20 * PAGE });
      const run = instance.exports.run as (n: number) => number;
      expect(run(19)).to.equal(20);
      expect(() => run(5)).to.throw(
        MemoryLimitError,
        `asked for ${21 * PAGE} bytes of memory, more than the ${20 * PAGE}`,
      );
      expect(machine.place()).to.deep.include({ func: 0 });
      expect(machine.stats().instructions.total).to.be.greaterThan(100);
      expect((instance.exports.memory as WebAssembly.Memory).buffer.byteLength).to.equal(20 * PAGE);
    });
  }

  it('refuses a module that begins with more, and a tier that cannot keep it', () => {
    expect(() => instantiateSync(GROWS, {}, { maxMemory: 100 })).to.throw(UserError, 'begins with 65536');
    expect(() => instantiateSync(GROWS, {}, { maxMemory: PAGE, nativeFirst: 'on' })).to.throw(UserError, 'maxMemory');
  });

  it('is none without the option', () => {
    const { instance } = instantiateSync(GROWS, {}, { hotLoop: 2, compileShare: 0 });
    expect((instance.exports.run as (n: number) => number)(300)).to.equal(301);
  });
});

describe('bounds of what the machine makes', () => {
  const bytes = readFileSync(wasmPath(guest('crc32'), 'O3'));
  const run = (options: Partial<Options>) => {
    const { instance, machine } = instantiateSync(bytes, { env: { abort() {} } }, options);
    return { result: (instance.exports.run as (n: number) => number)(20), stats: machine.stats() };
  };
  const native = run({ mode: 'native' }).result;
  const hot = { hotLoop: 2, hotEntry: 2, hotExit: 2, compileShare: 0 } as const;

  /** A low value of each, and what the figures must show of it. */
  const LOW: Record<keyof typeof BOUNDS, [Partial<Options>, (stats: Stats) => unknown]> = {
    maxTrace: [
      { maxTrace: 3, maxRegion: 0 },
      (s) => s.fragments.length > 0 && s.fragments.every((f) => f.recorded <= 3),
    ],
    // Regions take in what side traces of linear ones are for.
    maxRegion: [{ maxRegion: 1 }, (s) => s.fragments.some((f) => f.kind === 'side')],
    maxFragments: [{ maxFragments: 1 }, (s) => s.fragments.length === 1 && s.traces.aborted.bound! > 0],
    cacheSize: [{ cacheSize: 1 }, (s) => s.fragments.length === 0 && s.traces.aborted['too-large']! > 0],
  };

  for (const [name, [options, shown]] of Object.entries(LOW)) {
    it(`${name}: the guest goes on with the same result`, () => {
      const { result, stats } = run({ ...hot, ...options });
      expect(result).to.equal(native);
      expect(shown(stats), JSON.stringify([stats.fragments, stats.traces])).to.equal(true);
    });
  }
});
