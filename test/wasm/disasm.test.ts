/** Instructions as text: what is printed is what the text format's parser reads back. */
import { expect } from 'chai';
import wabt from 'wabt';
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { disassemble, disassembleModule } from '../../src/wasm/disasm.ts';
import { OPCODES } from '../../src/wasm/opcodes.ts';
import type { OpRow } from '../../src/wasm/row.ts';
import { sampleImmediates } from './immediates.ts';

/** A module whose only function has these instructions; nobody validates it. */
function withCode(code: CodeWriter): Uint8Array<ArrayBuffer> {
  const b = new ModuleBuilder();
  b.memory({ min: 1 });
  b.define(b.declare(b.type([], [])), [], code);
  return b.finish();
}

function textOf(name: string, ...imms: unknown[]): string {
  return disassemble(decodeModule(withCode(new CodeWriter().op(name, ...imms))), 0)[0]!.text;
}

const FEATURES = {
  exceptions: true,
  simd: true,
  threads: true,
  tail_call: true,
  multi_memory: true,
  relaxed_simd: true,
  reference_types: true,
  bulk_memory: true,
};

/** Bytes of a function body that wabt makes of instructions as text. */
async function assemble(lines: readonly string[]): Promise<Uint8Array> {
  const blank = (n: number, what: string) => Array.from({ length: n }, () => what).join(' ');
  const module = (await wabt()).parseWat(
    'test.wat',
    `(module (memory 1) ${blank(140, '(memory 1)')} ${blank(140, '(table 1 funcref)')} ${blank(10, '(tag)')}
      ${blank(20, '(global (mut i32) (i32.const 0))')} ${blank(210, '(func)')} (func ${blank(30, '(local i32)')}
      ${lines.join('\n')}))`,
    FEATURES,
  );
  try {
    const bytes = new Uint8Array(module.toBinary({ write_debug_names: false }).buffer);
    const decoded = decodeModule(bytes);
    const { start, end } = decoded.code[decoded.code.length - 1]!;
    // Behind the one group of locals, without the end.
    return bytes.slice(start + 3, end - 1);
  } finally {
    module.destroy();
  }
}

/** Immediates small enough for the module that wabt is given. */
function immediates(row: OpRow): unknown[] {
  return row.imms.flatMap((imm) => {
    if (imm === 'local' || imm === 'global') return [17];
    if (imm === 'label') return [0];
    if (imm === 'labels') return [[0, 0], 0];
    return sampleImmediates({ ...row, imms: [imm] });
  });
}

describe('instructions as text', () => {
  it('are read back by wabt as the same bytes', async () => {
    // wabt knows none of typed references and GC; blocks, calls by type and segments need more than one line.
    const other = ['function-references', 'gc', 'legacy-exceptions'];
    const skip = ['block', 'valtypes', 'type', 'elem', 'data', 'heap'];
    const rows = OPCODES.filter(
      (r) => !other.includes(r.since) && !r.imms.some((i) => skip.includes(i)) && !['else', 'end'].includes(r.name),
    );
    expect(rows.length).to.be.above(480);
    const code = new CodeWriter();
    for (const row of rows) code.op(row.name, ...immediates(row));
    const lines = disassemble(decodeModule(withCode(code)), 0).slice(0, -1);
    expect(Buffer.from(await assemble(lines.map((l) => l.text))).toString('hex')).to.equal(
      Buffer.from(code.finish()).toString('hex'),
    );
  });

  it('show constants to the last bit', async () => {
    const code = new CodeWriter();
    for (const bits of [
      0, 0x8000_0000, 1, 0x3dcc_cccd, 0x7f7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffa0_0001,
    ])
      code.op('f32.const', bits);
    for (const bits of [
      0n,
      1n << 63n,
      1n,
      0x3fb9_9999_9999_999an,
      0x7fef_ffff_ffff_ffffn,
      0xfff0n << 48n,
      0x7ff8n << 48n,
    ])
      code.op('f64.const', bits);
    code
      .op('f64.const', 0xfff4_0000_0000_0001n)
      .op('i32.const', -(2 ** 31))
      .op('i64.const', -(2n ** 63n));
    code.op('v128.const', 0xff00_0000_0000_0000_8000_0000_0000_0001n);
    const lines = disassemble(decodeModule(withCode(code)), 0).slice(0, -1);
    expect([...(await assemble(lines.map((l) => l.text)))]).to.deep.equal([...code.finish()]);
    expect(lines.map((l) => l.text)).to.include.members([
      'f32.const -0',
      'f32.const nan:0x400000',
      'f64.const -nan:0x4000000000001',
    ]);
  });

  it('of references and GC', () => {
    expect(textOf('br_on_cast', 1, 0, 'any', '5')).to.equal('br_on_cast 0 anyref (ref 5)');
    expect(textOf('br_on_cast_fail', 2, 3, 'eq', 'i31')).to.equal('br_on_cast_fail 3 (ref eq) i31ref');
    expect(textOf('ref.cast_null', '4')).to.equal('ref.cast (ref null 4)');
    expect(textOf('ref.test', 'struct')).to.equal('ref.test (ref struct)');
    expect(textOf('struct.get', 3, 1)).to.equal('struct.get 3 1');
    expect(textOf('array.new_fixed', 3, 7)).to.equal('array.new_fixed 3 7');
    expect(textOf('ref.null', 'extern')).to.equal('ref.null extern');
    expect(textOf('select_t', ['(ref null 2)'])).to.equal('select (result (ref null 2))');
    expect(textOf('call_ref', 6)).to.equal('call_ref 6');
  });

  it('of calls, blocks and segments', () => {
    expect(textOf('call_indirect', 6, 2)).to.equal('call_indirect (type 6) 2');
    expect(textOf('memory.init', 3, 0)).to.equal('memory.init 3');
    expect(textOf('memory.init', 3, 1)).to.equal('memory.init 1 3');
    expect(textOf('table.init', 3, 1)).to.equal('table.init 1 3');
    expect(textOf('memory.copy', 0, 0)).to.equal('memory.copy');
    expect(textOf('memory.copy', 1, 0)).to.equal('memory.copy 1 0');
    expect(textOf('block', 4)).to.equal('block (type 4)');
    expect(textOf('block', 'exnref')).to.equal('block (result exnref)');
    const clauses = [
      { kind: 1, tag: 2, label: 3 },
      { kind: 2, tag: 0, label: 4 },
    ];
    expect(textOf('try_table', 'void', clauses)).to.equal('try_table (catch_ref 2 3) (catch_all 4)');
  });

  it('stand at their offset and depth, all or a range of them', () => {
    const code = new CodeWriter().op('loop', 'void').op('i32.const', 1).op('if', 'void').op('nop').op('else');
    code.op('br', 1).op('end').op('end');
    const bytes = withCode(code);
    const module = decodeModule(bytes);
    const lines = disassemble(module, 0);
    expect(lines.map((l) => `${l.depth} ${l.text}`)).to.deep.equal([
      '0 loop',
      '1 i32.const 1',
      '1 if',
      '2 nop',
      '1 else',
      '2 br 1',
      '1 end',
      '0 end',
      '0 end',
    ]);
    const opcodes = [0x03, 0x41, 0x04, 0x01, 0x05, 0x0c, 0x0b, 0x0b, 0x0b];
    expect(lines.map((l) => bytes[l.offset])).to.deep.equal(opcodes);
    const part = disassemble(module, 0, { from: lines[3]!.offset, to: lines[5]!.offset });
    expect(part).to.deep.equal(lines.slice(3, 5));
  });

  it('of a whole module have names and signatures', () => {
    const b = new ModuleBuilder();
    const f = b.declare(b.type(['i32', 'f64'], ['i64']), 'work');
    b.define(f, [], new CodeWriter().op('i32.const', 0).op('f64.const', 0n).op('call', f));
    expect(disassembleModule(b.finish()).replace(/^[0-9a-f]{6} /gm, '')).to.equal(
      ['(func $work (param i32 f64) (result i64)', ' i32.const 0', ' f64.const 0', ' call $work', ' end', ')'].join(
        '\n',
      ),
    );
  });
});
