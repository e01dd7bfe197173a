/** Regions from threaded code and what it counted: which ways are in, which calls are inlined, and what bounds the size. */
import { expect } from 'chai';
import { Machine } from '../../src/machine/machine.ts';
import { resolveOptions } from '../../src/options.ts';
import { formRegion } from '../../src/region/form.ts';
import type { GraphBlock, RegionGraph } from '../../src/region/graph.ts';
import { loopsOf } from '../../src/region/loops.ts';
import { wat } from '../emit/harness.ts';

const NEVER = 2 ** 30;

/** A guest that has run in the interpreter alone, and the regions that could be made of it. */
class Formed {
  readonly machine: Machine;

  constructor(text: string, ...args: number[]) {
    const options = resolveOptions({ hotLoop: NEVER, hotEntry: NEVER, hotExit: NEVER });
    this.machine = new Machine(wat(text), {}, options);
    (this.machine.guest.instance.exports.run as (...args: number[]) => unknown)(...args);
    this.machine.regions.edges.refresh();
  }

  region(root: number, maxSize = 2000, maxInline = 400): RegionGraph | string {
    const { memory, arms, map, regions, mirrors } = this.machine;
    return formRegion(
      {
        words: memory.i32,
        count: (address) => memory.count(address),
        arms,
        map,
        edges: regions.edges,
        mirrored: (table) => mirrors.address(table) !== null,
        maxSize,
        maxInline,
      },
      root,
    );
  }

  /** The loop number `n` of a function, in order of the heads. */
  loop(func: number, n: number, maxSize?: number, maxInline?: number): RegionGraph | string {
    const { map, memory, arms } = this.machine;
    return this.region(loopsOf(map.of(func)!, memory.i32, arms)[n]!.head, maxSize, maxInline);
  }

  whole(func: number, maxSize?: number): RegionGraph | string {
    return this.region(this.machine.map.of(func)!.base, maxSize);
  }

  /** Arms of the instructions of a block. */
  keys(b: GraphBlock): string[] {
    const { arms, memory } = this.machine;
    return b.steps.map((pc) => arms.at(memory.word(pc)).key);
  }
}

function graph(result: RegionGraph | string): RegionGraph {
  if (typeof result === 'string') throw new Error(result);
  for (const b of result.blocks) {
    for (const s of b.succs) expect(s.preds.filter((p) => p === b)).to.have.length(1);
    for (const p of b.preds) expect(p.succs.filter((s) => s === b)).to.have.length(1);
  }
  return result;
}

/** An outer loop whose last jump back comes before that of the loop inside, which half of its trips take. */
const CROSSED = `(module
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (block $done
      (loop $outer
        (loop $inner
          (block $even
            (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $even (i32.eqz (i32.and (local.get $i) (i32.const 1))))
            (local.set $s (i32.add (local.get $s) (local.get $i)))
            (br $outer))
          (local.set $s (i32.xor (local.get $s) (local.get $i)))
          (br $inner))))
    (local.get $s)))`;

/** Sums over an n times n matrix; where a number is negative, and it never is, it calls for help. */
const NEST = `(module
  (func $help (param i32) (result i32) (i32.mul (local.get 0) (i32.const 7)))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (if (i32.lt_s (local.get $j) (i32.const 0)) (then (local.set $s (call $help (local.get $s)))))
        (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (local.get $j))))
        (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s)))`;

/** Calls $mid $n times, which calls the leaf twice; recursion in $fac. */
const CALLS = `(module
  (func $leaf (param i32) (result i32) (i32.xor (local.get 0) (i32.const 5)))
  (func $mid (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (call $leaf (i32.const 3))))
  (func $fac (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 0) (call $fac (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 1))))
  (func (export "run") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (call $mid (local.get $n))))
      (local.set $s (i32.add (local.get $s) (call $fac (i32.const 4))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`;

/** Calls a function of some 30 instructions twice. */
const BIG = `(module
  (func $big (param i32) (result i32) (local.get 0)
    ${'(i32.xor (i32.const 77)) (i32.rotl (local.get 0)) '.repeat(15)})
  (func (export "run") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (call $big (local.get $s)) (call $big (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`;

describe('forming regions', () => {
  it('a loop nest has its inner loop, and not the way that was never taken', () => {
    const formed = new Formed(NEST, 50);
    const { loops, blocks, calls, root, size } = graph(formed.loop(1, 0));
    expect(loops).to.equal(2);
    expect(calls).to.equal(0);
    expect(root.header).to.equal(true);
    const keys = blocks.flatMap((b) => formed.keys(b));
    expect(keys.filter((k) => k.startsWith('call'))).to.deep.equal([]);
    expect(keys.filter((k) => k.startsWith('op:i32.mul'))).to.have.length(1);
    expect(size).to.equal(keys.length);
    // A block of its own leads into the inner loop, another one back to its head.
    const inner = blocks.find((b) => b.header && b !== root)!;
    expect(inner.preds.map((p) => [p.succs.length, p.steps.length])).to.deep.equal([
      [1, 0],
      [1, 0],
    ]);
  });

  it('an inner loop that goes on behind the last jump to the outer head belongs to it as a whole', () => {
    const formed = new Formed(CROSSED, 50);
    const outer = graph(formed.loop(0, 0));
    expect(outer.loops).to.equal(2);
    expect(outer.blocks.flatMap((b) => formed.keys(b)).filter((k) => k.includes('i32.xor'))).to.have.length(1);
  });

  it('the region of an inner loop does not contain the outer one', () => {
    const formed = new Formed(NEST, 50);
    const inner = graph(formed.loop(1, 1));
    expect(inner.loops).to.equal(1);
    expect(inner.size).to.be.lessThan(graph(formed.loop(1, 0)).size);
    // All that it has can come back to the head.
    for (const b of inner.blocks) expect(b.succs, `b${b.id}`).not.to.be.empty;
  });

  it('small callees are inlined, each call with its own copy; recursion twice', () => {
    const formed = new Formed(CALLS, 40);
    const { blocks, calls } = graph(formed.loop(3, 0));
    // What nothing else leads to is one block, across frames.
    expect(blocks.flatMap((b) => formed.keys(b)).filter((k) => k.startsWith('op:i32.xor'))).to.have.length(2);
    const deepest = Math.max(...blocks.map((b) => b.context.funcs.filter((f) => f === 2).length));
    expect(deepest).to.equal(3);
    for (const { context } of blocks) expect(context.inlined).to.have.length(context.funcs.length - 1);
    // The innermost copy calls the function that is not inlined any more.
    expect(calls).to.equal(1);
  });

  it('a function is a region of all its ways, which ends where it returns', () => {
    const formed = new Formed(CALLS, 40);
    const { root, blocks, loops } = graph(formed.whole(2));
    expect(root.pc).to.equal(formed.machine.map.of(2)!.base);
    expect(loops).to.equal(0);
    expect(blocks.filter((b) => b.returns)).not.to.be.empty;
  });

  it('with less room less is inlined, and with too little there is no region', () => {
    const formed = new Formed(BIG, 40);
    const most = graph(formed.loop(1, 0));
    expect(most.calls).to.equal(0);
    expect(most.size).to.be.greaterThan(60);
    const least = graph(formed.loop(1, 0, 40));
    expect(least.calls).to.equal(2);
    expect(least.size).to.be.at.most(40);
    expect(formed.loop(1, 0, 5)).to.equal('too-large');
  });

  it('nothing is inlined where nothing may be', () => {
    const formed = new Formed(BIG, 40);
    const { blocks, calls } = graph(formed.loop(1, 0, undefined, 0));
    expect(calls).to.equal(2);
    for (const { context } of blocks) expect(context.inlined).to.be.empty;
  });

  it('nothing is made of what is no head', () => {
    const formed = new Formed(NEST, 3);
    expect(formed.region(formed.machine.map.of(1)!.base + 4)).to.equal('no-loop');
    expect(formed.region(8)).to.equal('no-loop');
  });
});
