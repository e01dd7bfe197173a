/** Fragments that the host runs: results, exits, frames and counters. */
import { expect } from 'chai';
import { FP, Rig } from './harness.ts';

const MEMORY = '(module (memory (export "mem0") 1))';

/** Adds the words of an array: slot 0 address, slot 8 sum, slot 16 end. */
const SUM = `
region T1 sum+0x9
func 0 $sum
memory 0 min=65536
entry !interp#0 @$sum+0x9 pc=96 {}
b0:
  v1 = slot.load i32 [0] @$sum+0x9
  v2 = slot.load i32 [8] @$sum+0x9
  v3 = slot.load i32 [16] @$sum+0x9
  jump b1
b1: loop <- b0 b1 ic=7
  v4 = phi i32 v1 v9 @$sum+0x9
  v5 = phi i32 v2 v7 @$sum+0x9
  strip.check !loop#1 @$sum+0x9 pc=100 {0:v4 8:v5}
  guard.bounds v4 k=4 mem=0 !bounds#2 @$sum+0xd pc=104 ic=2 {0:v4 8:v5 24:v4}
  v6 = i32.load v4 offset=0 @$sum+0xd
  v7 = i32.add v5 v6 @$sum+0xe
  v8 = i32.const 4 @$sum+0xf
  v9 = i32.add v4 v8 @$sum+0xf
  v10 = i32.lt_u v9 v3 @$sum+0x10
  guard.true v10 !branch#3 @$sum+0x11 pc=108 ic=7 {0:v9 8:v7}
  jump b1
`;

describe('a loop with a bounds guard', () => {
  const rig = () => {
    const r = new Rig({ guest: MEMORY, region: SUM });
    for (let i = 0; i < 100; i++) r.mem().setInt32(4 * i, i + 1, true);
    return r;
  };

  it('computes and leaves where the branch goes the other way', () => {
    const r = rig();
    r.setI32(16, 400);
    expect(r.enter()).to.deep.equal({ pc: 108, fp: FP });
    expect([r.i32(0), r.i32(8)]).to.deep.equal([400, 5050]);
    expect([r.exits(1), r.exits(2), r.exits(3)]).to.deep.equal([0, 0, 1]);
    expect([r.entries, r.iterations]).to.deep.equal([1, 100]);
  });

  it('leaves before an access out of bounds, with the frame of that moment', () => {
    const r = rig();
    r.setI32(0, 65536 - 8);
    r.setI32(16, -1);
    expect(r.enter().pc).to.equal(104);
    expect([r.i32(0), r.i32(24)]).to.deep.equal([65536, 65536]);
    expect(r.exits(2)).to.equal(1);
    expect(r.iterations).to.equal(3);
  });

  it('leaves at its head when the strip is used up, and goes on when entered again', () => {
    const r = rig();
    r.strip = 30;
    r.setI32(16, 400);
    const pcs = [r.enter().pc, r.enter().pc, r.enter().pc, r.enter().pc];
    expect(pcs).to.deep.equal([100, 100, 100, 108]);
    expect(r.i32(8)).to.equal(5050);
    expect([r.entries, r.iterations, r.exits(1)]).to.deep.equal([4, 100, 3]);
  });

  it('sees memory that has grown when it is entered again', () => {
    const r = rig();
    r.setI32(0, 65532);
    r.setI32(16, 65536 + 8);
    expect(r.enter().pc).to.equal(104);
    (r.guest.mem0 as WebAssembly.Memory).grow(1);
    expect(r.enter().pc).to.equal(108);
  });
});
