/**
 * Every rewrite rule against the host: the expression that it matches and the one that the pass makes of it are both
 * compiled, and must give the same bits for random operands. Also: each rule fires on its own example.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Ins, IrType } from '../../src/ir/ir.ts';
import { makeIns } from '../../src/ir/ir.ts';
import { verify } from '../../src/ir/verify.ts';
import { rules } from '../../src/opt/passes/rules.ts';
import { runPass } from '../../src/opt/pipeline.ts';
import { CODE_RULES, compiledRules, PATTERN_RULES, RULE_IDS } from '../../src/opt/rules/apply.ts';
import { atWidth, letters, parsePattern } from '../../src/opt/rules/pattern.ts';
import { compile, emptyRegion, instantiate } from './expression.ts';

const BITS: Record<string, number> = { i32: 32, f32: 32, i64: 64, f64: 64 };

/** Raw bits: any, small ones, powers of two, runs of ones, and what is special to floats. */
function bitsArbitrary(type: IrType): fc.Arbitrary<bigint> {
  const n = BITS[type]!;
  const all = (1n << BigInt(n)) - 1n;
  const any = fc.bigInt({ min: 0n, max: all });
  const small = fc.bigInt({ min: -70n, max: 70n }).map((x) => BigInt.asUintN(n, x));
  const power = fc.integer({ min: 0, max: n - 1 }).map((s) => 1n << BigInt(s));
  const run = fc.integer({ min: 1, max: n }).map((s) => (1n << BigInt(s)) - 1n);
  const floats =
    n === 32
      ? [0x7f800001n, 0x7fc00000n, 0xff800000n, 0x80000000n]
      : [0x7ff0000000000001n, 0xfff8000000000000n, 1n << 63n];
  return fc.oneof(any, small, power, run, fc.constantFrom(...floats));
}

/** Runs the pass on one expression and compares both with the host. Returns which rules fired. */
function check(
  text: string,
  constants: ReadonlyMap<string, bigint>,
  inputs: readonly bigint[][],
): Record<string, number> {
  const pattern = parsePattern(text);
  const region = emptyRegion();
  const block = region.blocks[0]!;
  const loc = { func: 0, offset: 0 };
  const bound = new Map<string, Ins>();
  const params: Ins[] = [];
  for (const [name, type] of letters(pattern)) {
    const bits = constants.get(name);
    const imm = bits === undefined ? { off: 16 * params.length } : { bits };
    const ins = makeIns(region, block, bits === undefined ? 'slot.load' : `${type}.const`, type, [], imm, loc);
    block.body.push(ins);
    bound.set(name, ins);
    if (bits === undefined) params.push(ins);
  }
  const before = instantiate(region, pattern, bound, 'i32');
  const original = compile(before, params);
  const snap = (block.term as { snap: { slots: { off: number; value: Ins }[] } }).snap;
  snap.slots.push({ off: 0, value: before });
  const report = runPass(rules, region);
  verify(region);
  const rewritten = compile(snap.slots[0]!.value, params);
  for (const input of inputs) {
    expect(rewritten(input), `${text} ${[...constants]} of ${input}`).to.equal(original(input));
  }
  return report.rules;
}

/** Checks an expression for random constants and operands; true when `id` fired at least once. */
function property(id: string, text: string, runs: number): boolean {
  const kinds = [...letters(parsePattern(text))];
  const constants = kinds.filter(([name]) => /[A-Z]/.test(name));
  const values = kinds.filter(([name]) => /[a-z]/.test(name));
  let fired = false;
  const tuple = (list: [string, IrType][]) => fc.tuple(...list.map(([, type]) => bitsArbitrary(type)));
  fc.assert(
    fc.property(tuple(constants), fc.array(tuple(values), { minLength: 12, maxLength: 12 }), (cs, inputs) => {
      const map = new Map(constants.map(([name], i) => [name, cs[i]!]));
      if (id in check(text, map, inputs)) fired = true;
    }),
    { numRuns: constants.length > 0 ? runs : 3 },
  );
  return fired;
}

describe('rewrite rules', () => {
  it('have unique names', () => {
    expect(new Set(RULE_IDS).size).to.equal(RULE_IDS.length);
  });

  for (const rule of PATTERN_RULES) {
    it(`${rule.id} keeps every bit`, () => {
      for (const { width } of [...compiledRules().values()].flat().filter((c) => c.rule === rule)) {
        expect(property(rule.id, atWidth(rule.example ?? rule.from, width), 60), `fires at ${width}`).to.equal(true);
      }
    });
  }

  for (const rule of CODE_RULES) {
    for (const text of rule.examples) {
      it(`${rule.id} keeps every bit of ${text}`, () => {
        expect(property(rule.id, text, 20)).to.equal(true);
      });
    }
  }
});
