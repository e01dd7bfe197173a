/** Limits that end a guest: each in the interpreter, in traces and natively first, with a report that can be used. */
import { expect } from 'chai';
import { instantiateSync, MemoryLimitError, type Options, UserError } from '../../src/index.ts';
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
    const { instance } = instantiateSync(GROWS, {}, { hotLoop: 2 });
    expect((instance.exports.run as (n: number) => number)(300)).to.equal(301);
  });
});
