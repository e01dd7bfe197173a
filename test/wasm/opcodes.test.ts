/** The opcode rows: each is written and read back, and what it claims holds against the host's own instruction. */
import { expect } from 'chai';
import { BodyReader } from '../../src/wasm/body.ts';
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { findOpcode, OPCODES, opByCode, opByName } from '../../src/wasm/opcodes.ts';
import type { OpRow, ValType } from '../../src/wasm/row.ts';
import { scan } from '../../src/wasm/scan.ts';
import { immediatesAt, sampleImmediates } from './immediates.ts';
import { FREE_FORM } from './snippets.ts';

function moduleWith(
  params: readonly ValType[],
  results: readonly ValType[],
  code: CodeWriter,
): Uint8Array<ArrayBuffer> {
  const b = new ModuleBuilder();
  b.memory({ min: 1, max: 1, shared: true });
  const f = b.declare(b.type(params, results), 'f');
  b.define(f, [], code);
  b.export('f', 'func', f);
  return b.finish();
}

/** Immediates that validate in a module with one memory. */
function validImmediates(row: OpRow): unknown[] {
  return row.imms.flatMap((imm) => {
    if (imm === 'memarg') return [0, 8];
    if (imm === 'lane' || imm === 'memory') return [0];
    return sampleImmediates({ ...row, imms: [imm] });
  });
}

const OTHER: Record<string, ValType> = { i32: 'i64', i64: 'i32', f32: 'f64', f64: 'f32', v128: 'i32' };
const typed = OPCODES.filter((row) => row.sig !== null);
/** Rows that validate by their signature alone. */
const alone = typed.filter((row) => !row.imms.some((i) => ['data', 'elem', 'table'].includes(i)));

/** Interesting operands by type, written as constants. */
const EDGES: Record<string, unknown[]> = {
  i32: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 31, 32, 255],
  i64: [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 63n, 64n, 0xffff_ffffn],
  f32: [0, 0x8000_0000, 0x3f80_0000, 0x7f80_0000, 0xff80_0000, 0x7fa0_0000, 0x4f00_0000, 1],
  f64: [0n, 1n << 63n, 0x3ff0n << 48n, 0x7ff0n << 48n, 0xfff0n << 48n, 0x7ff4n << 48n, 0x43e0n << 48n, 1n],
  v128: [0n, (1n << 128n) - 1n, 0x8000_0000_7fff_ffff_8080_7f7f_0001_ffffn, 0x3ff0_0000_0000_0000_7ff4_0000_0000_0000n],
};

/** All combinations of up to a few edge values a parameter. */
function operands(params: readonly ValType[]): unknown[][] {
  let all: unknown[][] = [[]];
  for (const t of params) all = all.flatMap((head) => (EDGES[t] as unknown[]).map((e) => [...head, e]));
  return all.length <= 100 ? all : all.filter((_, i) => i % Math.ceil(all.length / 100) === 0);
}

describe('opcode rows', () => {
  it('have names and codes of their own, and are found by both', () => {
    expect(new Set(OPCODES.map((r) => r.name)).size).to.equal(OPCODES.length);
    expect(new Set(OPCODES.map((r) => r.code)).size).to.equal(OPCODES.length);
    for (const row of OPCODES) {
      expect(opByName(row.name)).to.equal(row);
      expect(opByCode(row.code)).to.equal(row);
    }
    expect(() => opByName('i32.ad')).to.throw(RangeError, 'no opcode is called i32.ad');
    expect(findOpcode('i32.ad')).to.equal(undefined);
    expect(opByCode(0xff)).to.equal(undefined);
  });

  it('are as many as in WebAssembly 3.0, threads and legacy exceptions', () => {
    const count = (prefix: number) => OPCODES.filter((r) => r.code >> 16 === prefix).length;
    // One byte; GC; saturating and bulk; SIMD (236) and relaxed SIMD (20); atomics.
    expect([0, 0xfb, 0xfc, 0xfd, 0xfe].map(count)).to.deep.equal([199, 31, 18, 256, 67]);
  });

  it('encode and decode to themselves', () => {
    for (const row of OPCODES) {
      const imms = sampleImmediates(row);
      // A second instruction behind it shows that nothing was left over or taken too much.
      const code = new CodeWriter().op(row.name, ...imms).op('i32.const', 77);
      const module = decodeModule(moduleWith([], [], code));
      const body = new BodyReader(module, 0);
      expect(body.next(), row.name).to.equal(true);
      expect(body.op, row.name).to.equal(row);
      expect(body.offset, row.name).to.equal(body.start);
      expect(immediatesAt(body), row.name).to.deep.equal(imms);
      expect(body.next() && body.op.name, row.name).to.equal('i32.const');
      expect(body.big, row.name).to.equal(77n);
      expect(body.next() && body.op.name).to.equal('end');
      expect(body.next()).to.equal(false);
      expect([...scan(module).ops].sort(), row.name).to.deep.equal([...new Set([row.name, 'i32.const', 'end'])].sort());
    }
  });

  it('validate with their signature, and with no other', () => {
    expect(alone.length).to.be.above(480);
    for (const row of alone) {
      const { params, results } = row.sig!;
      const code = new CodeWriter();
      params.forEach((_, i) => code.op('local.get', i));
      code.op(row.name, ...validImmediates(row));
      expect(WebAssembly.validate(moduleWith(params, results, code)), row.name).to.equal(true);
      params.forEach((t, i) => {
        const wrong = params.with(i, OTHER[t]!);
        expect(WebAssembly.validate(moduleWith(wrong, results, code)), `${row.name} ${wrong}`).to.equal(false);
      });
      if (results[0]) {
        expect(WebAssembly.validate(moduleWith(params, [OTHER[results[0]]!], code)), row.name).to.equal(false);
      }
    }
  });

  it('without a signature validate where their operands are right', () => {
    const rest = OPCODES.filter((row) => !alone.includes(row)).map((row) => row.name);
    expect(Object.keys(FREE_FORM).sort(), 'a snippet for each').to.deep.equal([...rest].sort());
    for (const name of rest) {
      const bytes = FREE_FORM[name]!();
      expect(() => new WebAssembly.Module(bytes), name).not.to.throw();
      expect([...scan(decodeModule(bytes)).ops], name).to.include(name);
    }
  });

  it('that are pure never trap', () => {
    for (const row of alone.filter((r) => r.effect === 'pure')) {
      const code = new CodeWriter();
      for (const values of operands(row.sig!.params)) {
        row.sig!.params.forEach((t, i) => code.op(`${t}.const`, values[i]));
        code.op(row.name, ...validImmediates(row));
        for (const _ of row.sig!.results) code.op('drop');
      }
      expect(() => run(moduleWith([], [], code)), row.name).not.to.throw();
    }
  });

  it('that may trap do on some operands', () => {
    for (const row of alone.filter((r) => r.effect === 'trap')) {
      const trapped = operands(row.sig!.params).some((values) => {
        const code = new CodeWriter();
        row.sig!.params.forEach((t, i) => code.op(`${t}.const`, values[i]));
        code.op(row.name).op('drop');
        try {
          run(moduleWith([], [], code));
          return false;
        } catch (error) {
          expect(error, row.name).to.be.instanceOf(WebAssembly.RuntimeError);
          return true;
        }
      });
      expect(trapped, row.name).to.equal(true);
    }
  });

  it('that access memory touch exactly their bytes', () => {
    const accesses = OPCODES.filter((r) => r.imms.includes('memarg'));
    for (const row of accesses) {
      expect(row.bytes, row.name).to.be.oneOf([1, 2, 4, 8, 16]);
      const access = (address: number) => {
        const code = new CodeWriter().op('i32.const', address);
        // The last operand of a wait is its timeout: 0 ends it at once.
        const wait = row.name.includes('.wait');
        for (const t of row.sig!.params.slice(1)) code.op(`${t}.const`, wait ? EDGES[t]![0] : EDGES[t]![1]);
        code.op(row.name, ...validImmediates(row));
        for (const _ of row.sig!.results) code.op('drop');
        return () => run(moduleWith([], [], code));
      };
      // validImmediates adds an offset of 8.
      const last = 65536 - 8 - row.bytes!;
      if (!row.name.includes('.wait')) expect(access(last), row.name).not.to.throw();
      // The next address is out of bounds, for atomics the next aligned one.
      const next = last + (row.effect === 'atomic' ? row.bytes! : 1);
      expect(access(next), row.name).to.throw(WebAssembly.RuntimeError, 'memory access out of bounds');
    }
  });

  it('name the comparison with the opposite result, and operands that may be exchanged', () => {
    for (const row of OPCODES.filter((r) => r.inverse !== undefined || r.commutes)) {
      const [type] = row.sig!.params as [ValType];
      const get = (code: CodeWriter, a: number, b: number) => code.op('local.get', a).op('local.get', b);
      const same = new CodeWriter();
      if (row.inverse !== undefined) {
        expect(opByName(row.inverse).inverse, row.name).to.equal(row.name);
        get(get(same, 0, 1).op(row.name).op('i32.eqz'), 0, 1)
          .op(row.inverse)
          .op('i32.eq');
        expectAlways(type, same, `${row.name} and ${row.inverse}`);
      }
      if (row.commutes) {
        const code = new CodeWriter();
        get(get(code, 0, 1).op(row.name), 1, 0)
          .op(row.name)
          .op(`${row.sig!.results[0]}.eq`);
        expectAlways(type, code, row.name);
      }
    }
  });

  it('of integer comparisons all know their opposite, and of commuting integer operations all are marked', () => {
    for (const t of ['i32', 'i64']) {
      for (const c of ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'])
        expect(opByName(`${t}.${c}`).inverse, c).to.be.a('string');
      for (const c of ['eq', 'ne', 'add', 'mul', 'and', 'or', 'xor'])
        expect(opByName(`${t}.${c}`).commutes, c).to.equal(true);
      for (const c of ['sub', 'div_u', 'shl', 'rotl', 'lt_s'])
        expect(opByName(`${t}.${c}`).commutes, c).to.equal(undefined);
    }
  });
});

function run(bytes: Uint8Array<ArrayBuffer>): void {
  (new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f as () => void)();
}

/** `code` takes two operands of the type as locals 0 and 1 and gives 1. */
function expectAlways(type: ValType, code: CodeWriter, claim: string): void {
  const bytes = moduleWith([type, type], ['i32'], code);
  const f = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f as (a: unknown, b: unknown) => number;
  const values = type.startsWith('f')
    ? [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY]
    : (EDGES[type] as unknown[]);
  for (const a of values) for (const b of values) expect(f(a, b), `${claim} of ${a}, ${b}`).to.equal(1);
}
