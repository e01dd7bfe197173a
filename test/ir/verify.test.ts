/** The verifier finds each kind of broken region and says where. */
import { expect } from 'chai';
import { parse } from '../../src/ir/parse.ts';
import { VerifyError, verify } from '../../src/ir/verify.ts';
import { SAMPLE } from './sample.ts';

/** What is changed in the sample, to what, and what the verifier has to say. */
const BROKEN: [string, string, RegExp][] = [
  ['v9 = f32.load v2', 'v9 = f32.load v20', /operand 0 \(v20\) must be i64, is i32/],
  ['i64.store v7 v2', 'i64.store v20 v2', /v20 is not defined on every path/],
  ['v8 = i32.load v7', 'v8 = i32.load v2', /operand 0 \(v2\) must be i32, is i64/],
  ['v20 = i32.add v7 v3', 'v20 = i32.add v7', /2 operands expected, not 1/],
  ['v20 = i32.add v7 v3', 'v20 = i32.add v7 v2', /operand 1 \(v2\) must be i32, is i64/],
  ['phi i32 v1 v20', 'phi i32 v1', /2 operands expected/],
  ['phi i32 v1 v20', 'phi i32 v1 v2', /operand 1 is i64/],
  ['phi i32 v1 v20', 'phi i32 v20 v20', /v20 is not defined on every path/],
  ['v5 = frame.addr [32]', 'v5 = frame.addr i64 [32]', /must be of type i32/],
  ['b1: loop <- b0 b4', 'b1: <- b0 b4', /is a loop header but not marked/],
  ['b3: <- b1 b2', 'b3: loop <- b1 b2', /marked as a loop header but is none/],
  ['b3: <- b1 b2', 'b3: <- b1', /predecessors are b1 b2/],
  ['{-16:v2 0:v7}', '{-16:v2 -12:v7}', /frame byte -12 is written twice/],
  ['{-16:v2 0:v7}', '{0:v7 -16:v2}', /frame byte -16 is written twice or out of order/],
  ['{-16:v2 0:v7}', '{0:v8}', /v8 is not defined on every path/],
  ['g0:v3', 'g0:v4', /global 0 of type i32 gets a f64/],
  ['g0:v3', 'g0:v3 g0:v3', /a global is written twice/],
  ['i32.store[v1+8]:v3', 'i32.store[v1+8]:v4', /operand 1 \(v4\) must be i32/],
  ['i32.store[v1+8]:v3', 'i32.load[v1+8]:v3', /i32.load is not a store/],
  ['!loop#1', '!loop#2', /snapshot is that of another instruction/],
  ['k=12', 'k=0', /one address and k > 0/],
  ['guard.bounds v2 mem=1', 'guard.bounds v2', /the address must be i32/],
  ['b2: <- b1\n', 'b2: <- b1\n  v30 = slot.load i32 [0]\n', /only in the entry block/],
  ['strip.check !loop#1 @$f+0xc pc=88 {-16:v2 0:v7}\n', '', /no such loop with strips/],
  ['b2: <- b1\n', 'b2: <- b1\n  strip.check !loop#9 {}\n', /only in loop headers/],
  ['  v8 = i32.load', '  v31 = phi i32 v1 v1\n  v8 = i32.load', /phis come first/],
  ['switch v8', 'switch v4', /the condition must be i32/],
  ['v12 = select f64 v11 v4 v8', 'v12 = select f64 v11 v4 v8 !bounds#9 {}', /cannot leave/],
  [
    'v10 = host.call void v8 func=1 types=i32,f64 !interp#6 @$f+0x11 pc=112 {0:v7}',
    'v10 = host.call f64 v8 func=1',
    /no snapshot/,
  ],
  ['v3 = i32.const -1', 'v3 = i32.const', /constant bits out of range/],
];

describe('verifier', () => {
  for (const [from, to, message] of BROKEN) {
    it(`rejects ${to.trim()}`, () => {
      expect(SAMPLE).to.include(from);
      expect(() => verify(parse(SAMPLE.replace(from, to)))).to.throw(VerifyError, message);
    });
  }

  it('names region, block and instruction', () => {
    const text = SAMPLE.replace('v20 = i32.add v7 v3', 'v20 = i32.add v7');
    expect(() => verify(parse(text))).to.throw('region T7, b4 v20 i32.add: 2 operands expected, not 1');
  });
});
