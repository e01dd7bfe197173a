/**
 * Which blocks of a region have counters. Over random structured graphs, with random walks that may leave anywhere, the
 * rules must give every block's true number of executions, and must not go round in circles.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { assignCounters } from '../../src/region/counters.ts';
import type { FrameContext, GraphBlock } from '../../src/region/graph.ts';
import { findBackEdges, loopBody, postorder } from '../../src/region/order.ts';

/** A structured piece of code: a block, one after the other, a choice, or a loop that tests at its end. */
type Shape =
  | { kind: 'block' }
  | { kind: 'seq'; parts: Shape[] }
  | { kind: 'choice'; arms: Shape[] }
  | { kind: 'loop'; body: Shape };

const context: FrameContext = { parent: null, delta: 0, inlined: [], funcs: [0] };

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant<Shape>({ kind: 'block' }),
    fc.record({ kind: fc.constant('seq' as const), parts: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('choice' as const), arms: fc.array(tie('shape'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('loop' as const), body: tie('shape') }),
  ),
}));

/** The graph of a shape, as regions are formed: an edge out of a branch leads to a block of its own. */
function graphOf(shape: Shape): GraphBlock[] {
  let made = 0;
  const block = (): GraphBlock => ({
    id: made++,
    context,
    pc: 0,
    steps: [],
    via: 0,
    succs: [],
    preds: [],
    header: false,
    count: { kind: 'preds' },
    end: 0,
    returns: false,
  });
  const connect = (from: GraphBlock, to: GraphBlock) => {
    from.succs.push(to);
    to.preds.push(from);
  };
  /** Code for `s` behind `from`; gives the block where it ends. */
  const build = (s: Shape, from: GraphBlock): GraphBlock => {
    switch (s.kind) {
      case 'block': {
        const b = block();
        connect(from, b);
        return b;
      }
      case 'seq':
        return s.parts.reduce((at, part) => build(part, at), from);
      case 'choice': {
        const join = block();
        const branch = block();
        connect(from, branch);
        for (const arm of s.arms) {
          const edge = block();
          connect(branch, edge);
          connect(build(arm, edge), join);
        }
        return join;
      }
      case 'loop': {
        const header = block();
        connect(from, header);
        const test = block();
        connect(build(s.body, header), test);
        const [back, out] = [block(), block()];
        connect(test, back);
        connect(back, header);
        connect(test, out);
        return out;
      }
    }
  };
  const root = block();
  build(shape, root);
  for (const header of findBackEdges(root).keys()) header.header = true;
  return postorder(root).reverse();
}

describe('counters of regions', () => {
  it('tell how often every block was executed', () => {
    let derived = 0;
    let counted = 0;
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat(999)), fc.integer({ min: 1, max: 12 }), (s, numbers, walks) => {
        const blocks = graphOf(s);
        const counters = assignCounters(blocks);
        const truth = new Map(blocks.map((b) => [b, 0]));
        const left = new Map(blocks.map((b) => [b, 0]));
        const add = (to: Map<GraphBlock, number>, b: GraphBlock) => to.set(b, to.get(b)! + 1);
        const next = () => numbers.next().value as number;
        for (let walk = 0; walk < walks; walk++) {
          let at: GraphBlock | undefined = blocks[0]!;
          while (at) {
            add(truth, at);
            // One in ten leaves the region inside a block, and so does everybody at its end.
            const leaves: boolean = at.succs.length === 0 || next() % 10 === 0;
            if (leaves) add(left, at);
            at = leaves ? undefined : at.succs[next() % at.succs.length];
          }
        }
        const open = new Set<GraphBlock>();
        const executions = (b: GraphBlock): number => {
          if (b.count.kind === 'counter') return truth.get(b)!;
          expect(open.has(b), 'a count that needs itself').to.equal(false);
          open.add(b);
          const n =
            b.count.kind === 'succs'
              ? b.succs.reduce((sum, next) => sum + executions(next), left.get(b)!)
              : b.preds.reduce((sum, p) => sum + executions(p) - left.get(p)!, 0);
          open.delete(b);
          return n;
        };
        for (const b of blocks) expect(executions(b), `b${b.id} by ${b.count.kind}`).to.equal(truth.get(b));
        const indices = blocks.flatMap((b) => (b.count.kind === 'counter' ? [b.count.index] : []));
        expect(indices.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: counters }, (_, i) => i));
        derived += blocks.length - counters;
        counted += counters;
      }),
      { numRuns: 300 },
    );
    expect(counted).to.be.greaterThan(100);
    expect(derived).to.be.greaterThan(counted);
  });

  it('stand once in a loop without choices: where it goes round', () => {
    const blocks = graphOf({ kind: 'loop', body: { kind: 'seq', parts: [{ kind: 'block' }, { kind: 'block' }] } });
    assignCounters(blocks);
    const header = blocks.find((b) => b.header)!;
    const inside = loopBody(header, findBackEdges(blocks[0]!).get(header)!);
    const counting = [...inside].filter((b) => b.count.kind === 'counter');
    expect(inside.size).to.equal(5);
    expect(counting.map((b) => b.succs)).to.deep.equal([[header]]);
  });
});
