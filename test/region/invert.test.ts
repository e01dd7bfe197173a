/** Loops whose header tests come to test at their end. */
import { expect } from 'chai';
import type { FrameContext, GraphBlock } from '../../src/region/graph.ts';
import { invertLoops } from '../../src/region/invert.ts';

describe('loop inversion', () => {
  const context: FrameContext = { parent: null, delta: 0, inlined: [], funcs: [0] };
  const blocks: GraphBlock[] = [];
  const make = (context: FrameContext, pc: number): GraphBlock => {
    const b: GraphBlock = {
      id: blocks.length,
      context,
      pc,
      steps: [],
      via: 0,
      succs: [],
      preds: [],
      header: false,
      count: { kind: 'preds' },
      end: 0,
      returns: false,
    };
    blocks.push(b);
    return b;
  };
  const connect = (from: GraphBlock, to: GraphBlock) => {
    from.succs.push(to);
    to.preds.push(from);
  };

  it('takes a way out that leaves the region at once', () => {
    const [root, header, body, out] = [4, 8, 16, 24].map((pc) => make(context, pc)) as GraphBlock[];
    root!.steps.push(4);
    header!.steps.push(8, 12);
    body!.steps.push(16);
    Object.assign(body!, { via: 12 });
    // Nothing was executed behind the loop: the way leads to no other block.
    Object.assign(out!, { via: 12, end: 24 });
    connect(root!, header!);
    connect(header!, body!);
    connect(header!, out!);
    connect(body!, header!);
    invertLoops(root!, make);
    const [copy] = root!.succs;
    expect(copy!.steps).to.deep.equal([8, 12]);
    // Both tests reach the place where the region is left, each by a way of its own.
    expect(out!.via).to.equal(0);
    expect(out!.preds.map((p) => [p.via, p.succs])).to.deep.equal([
      [12, [out]],
      [12, [out]],
    ]);
    expect(out!.preds.map((p) => p.preds[0])).to.have.members([header, copy]);
    for (const b of blocks) {
      for (const s of b.succs) expect(s.preds.filter((p) => p === b)).to.have.length(1);
      for (const p of b.preds) expect(p.succs.filter((s) => s === b)).to.have.length(1);
    }
  });
});
