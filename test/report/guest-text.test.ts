/** The text of guest functions beside traces: every instruction with its place, large functions cut. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import wabt from 'wabt';
import { addGuestText, guestText } from '../../src/report/guest-text.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { smallRun } from './fixture.ts';

async function assemble(text: string): Promise<Uint8Array> {
  const module = (await wabt()).parseWat('test.wat', text);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

const SUM = `(module (memory 1) (func $sum (export "sum") (param $p i32) (param i32) (result i32) (local $s i32)
  (loop $l (local.set $s (i32.add (local.get $s) (i32.load offset=8 (local.get $p))))
    (local.set $p (i32.add (local.get $p) (i32.const -4)))
    (br_if $l (local.get $p)))
  (drop (f64.const 1.5)) (drop (f32.const -0.5)) (local.get $s))
  (func $other (result i32) (call $sum (i32.const 1) (i32.const 2))))`;

/** Places and texts of the lines of a listing. */
function lines(text: string): [number, string][] {
  return [...text.matchAll(/^\+0x([0-9a-f]+) +(.*)$/gm)].map((m) => [Number.parseInt(m[1]!, 16), m[2]!]);
}

describe('guest text', () => {
  it('lists a function with places that are the offsets of the opcodes', async () => {
    const bytes = await assemble(SUM);
    const module = decodeModule(bytes);
    const text = guestText(module, [module.code[0]!.end - 3]);
    expect(text.split('\n')[0]).to.equal('(func $sum (param i32 i32) (result i32) (local i32)');
    const listed = lines(text);
    expect(listed.map(([, t]) => t)).to.deep.equal([
      'loop',
      'local.get $s',
      'local.get $p',
      'i32.load offset=8',
      'i32.add',
      'local.set $s',
      'local.get $p',
      'i32.const -4',
      'i32.add',
      'local.set $p',
      'local.get $p',
      'br_if 0',
      'end',
      'f64.const 1.5',
      'drop',
      'f32.const -0.5',
      'drop',
      'local.get $s',
      'end',
    ]);
    const opcodes: Record<string, number> = { loop: 0x03, 'i32.add': 0x6a, drop: 0x1a, end: 0x0b, 'br_if 0': 0x0d };
    for (const [offset, t] of listed) if (opcodes[t]) expect(bytes[offset]).to.equal(opcodes[t]);
  });

  it('fills in what the run left empty, from the places of the trace, callees included', async () => {
    const bytes = await assemble(SUM);
    const module = decodeModule(bytes);
    const run = smallRun();
    const f = run.fragments[0]!;
    const [first, second] = module.code;
    f.offset = second!.start + 1;
    f.code = {
      ...f.code!,
      guest: '',
      trace: `$other+0x${(second!.start + 1).toString(16)} call\n$sum+0x${(first!.end - 3).toString(16)} x`,
    };
    addGuestText(run, bytes);
    expect(f.code.guest.match(/^\(func \$\w+/gm)).to.deep.equal(['(func $other', '(func $sum']);
    expect(f.code.guest).to.contain('call $sum');
    addGuestText(run, new Uint8Array());
  });

  it('cuts large functions to what lies around the trace', async () => {
    const bytes = await assemble(`(module (func (param i32) (result i32) (local.get 0) ${'(i32.eqz)'.repeat(1000)}))`);
    const module = decodeModule(bytes);
    const text = guestText(module, [module.code[0]!.start + 503]);
    expect(lines(text)).to.have.length(9);
    expect(lines(text)[4]![0]).to.equal(module.code[0]!.start + 503);
    expect([...text.matchAll(/;; (\d+) instructions/g)].map((m) => Number(m[1])).reduce((a, b) => a + b)).to.equal(
      1002 - 9,
    );
  });

  it('reads every function of a compiled guest', () => {
    const path = new URL('../../benchmarks/guests/wasm/strings.O3.wasm', import.meta.url);
    const module = decodeModule(readFileSync(path));
    const text = guestText(
      module,
      module.code.map((r) => r.start + 2),
    );
    expect(text.match(/^\(func /gm)!.length).to.equal(module.code.length);
    expect(text).not.to.match(/undefined|\[object/);
  });
});
