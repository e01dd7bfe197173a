/**
 * Whole modules: what the decoder says is what the host says, every instruction of every body is written again as it
 * was read, and the flat scan agrees with the cursor.
 */
import { expect } from 'chai';
import { BodyReader } from '../../src/wasm/body.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import { decodeModule, SECTION } from '../../src/wasm/decode.ts';
import { disassemble } from '../../src/wasm/disasm.ts';
import type { WasmModule } from '../../src/wasm/module.ts';
import { customSections } from '../../src/wasm/names.ts';
import { OPCODES } from '../../src/wasm/opcodes.ts';
import { scan } from '../../src/wasm/scan.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { type CorpusModule, guestModules, suiteMissing, suiteModules } from './corpus.ts';
import { immediatesAt } from './immediates.ts';

/** What the host tells about a module, in the decoder's words. */
function expectAsTheHost(module: WasmModule, name: string): void {
  const host = new WebAssembly.Module(module.bytes as BufferSource);
  const kind = (k: string) => (k === 'func' ? 'function' : k);
  expect(
    module.exports.map((e) => `${e.name} ${kind(e.kind)}`),
    name,
  ).to.deep.equal(WebAssembly.Module.exports(host).map((e) => `${e.name} ${e.kind}`));
  expect(
    module.imports.map((i) => `${i.module}.${i.name} ${kind(i.kind)}`),
    name,
  ).to.deep.equal(WebAssembly.Module.imports(host).map((i) => `${i.module}.${i.name} ${i.kind}`));
  for (const custom of new Set(module.sections.flatMap((s) => (s.id === SECTION.custom ? [s.name!] : [])))) {
    const ours = customSections(module, custom).map((b) => Buffer.from(b).toString('hex'));
    const hosts = WebAssembly.Module.customSections(host, custom).map((b) => Buffer.from(b).toString('hex'));
    expect(ours, `${name} ${custom}`).to.deep.equal(hosts);
  }
}

/** Sections and bodies cover the file without gaps and overlaps. */
function expectCovered(module: WasmModule, name: string): void {
  const last = module.sections[module.sections.length - 1];
  expect(last ? last.end : 8, name).to.equal(module.bytes.length);
  const code = module.sections.find((s) => s.id === SECTION.code);
  if (code && module.code.length > 0) expect(module.code[module.code.length - 1]!.end, name).to.equal(code.end);
  expect(module.code.length, name).to.equal(module.functions.length - module.importedFunctions);
  for (const d of module.data) expect(d.bytes.end, name).to.be.at.most(module.bytes.length);
}

/** What {@link scan} is to say, by the cursor. */
class Tally {
  readonly ops = new Set<string>();
  readonly globalsRead = new Set<number>();
  readonly globalsWritten = new Set<number>();
  readonly importsCalled = new Set<number>();
  readonly indirect = new Set<string>();
  readonly refFuncs = new Set<number>();
  readonly told = new Set<string>();
  readonly nullHeaps = new Set<string>();
  readonly callSites: number[] = [];

  see(body: BodyReader, imports: number): void {
    const { name, effect, imms } = body.op;
    this.ops.add(name);
    if (name === 'global.get') this.globalsRead.add(body.a);
    if (name === 'global.set') this.globalsWritten.add(body.a);
    if (name === 'call' || name === 'return_call') {
      this.callSites.push(body.offset + 1);
      if (body.a < imports) this.importsCalled.add(body.a);
    }
    if (name === 'call_indirect' || name === 'return_call_indirect') this.indirect.add(`${body.a},${body.b}`);
    if (name === 'ref.func') this.refFuncs.add(body.a);
    if (name === 'ref.null') this.nullHeaps.add(body.heap);
    if (/^(bulk|size|grow|table\..*|heap\..*)$/.test(effect)) {
      this.told.add(`${name}:${imms.length > 0 ? body.a : 0}:${imms.length > 1 ? body.b : 0}`);
    }
  }

  expectSame(module: WasmModule, name: string): void {
    const found = scan(module);
    const sorted = (s: Iterable<unknown>) => [...s].map(String).sort();
    for (const key of [
      'ops',
      'globalsRead',
      'globalsWritten',
      'importsCalled',
      'refFuncs',
      'told',
      'nullHeaps',
    ] as const)
      expect(sorted(found[key]), `${name} ${key}`).to.deep.equal(sorted(this[key]));
    expect(sorted(found.indirect), name).to.deep.equal(sorted(this.indirect));
    expect(found.callSites, name).to.deep.equal(this.callSites);
  }
}

/** The module with each body written again, instruction by instruction. */
function rewrite(module: WasmModule, tally: Tally): Uint8Array<ArrayBuffer> {
  const code = new Writer().u32(module.code.length);
  module.code.forEach(({ start }, i) => {
    const body = new BodyReader(module, module.importedFunctions + i);
    const written = new CodeWriter();
    written.raw(module.bytes.subarray(start, body.start));
    while (body.next()) {
      tally.see(body, module.importedFunctions);
      written.op(body.op.name, ...immediatesAt(body));
    }
    expect(body.pos).to.equal(module.code[i]!.end);
    code.sized(written);
  });
  const out = new Writer().raw(module.bytes.subarray(0, 8));
  for (const s of module.sections) {
    const content = new Writer();
    if (s.name !== undefined) content.name(s.name);
    content.raw(module.bytes.subarray(s.start, s.end));
    out.u8(s.id).sized(s.id === SECTION.code ? code : content);
  }
  return out.finish();
}

/** Instructions of a module without places. */
function* instructions(module: WasmModule): Generator<unknown[]> {
  for (let i = 0; i < module.code.length; i++) {
    const body = new BodyReader(module, module.importedFunctions + i);
    while (body.next()) yield [body.op.name, ...immediatesAt(body)];
  }
}

function check({ name, bytes }: CorpusModule): ReadonlySet<string> {
  const module = decodeModule(bytes);
  expectAsTheHost(module, name);
  expectCovered(module, name);
  const tally = new Tally();
  const again = rewrite(module, tally);
  tally.expectSame(module, name);
  // Alignment hints and the length of numbers may differ from the original's, nothing else.
  expect(WebAssembly.validate(again), name).to.equal(true);
  const second = decodeModule(again);
  if (!sameInstructions(module, second))
    expect([...instructions(second)], name).to.deep.equal([...instructions(module)]);
  for (let i = 0; i < module.code.length; i++) {
    const lines = disassemble(module, module.importedFunctions + i);
    expect(lines[lines.length - 1], name).to.deep.include({ depth: 0, text: 'end' });
  }
  return tally.ops;
}

const text = (value: unknown) => JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));

function sameInstructions(a: WasmModule, b: WasmModule): boolean {
  const other = instructions(b);
  for (const one of instructions(a)) if (text(one) !== text(other.next().value)) return false;
  return other.next().done === true;
}

describe('modules, read and written again', () => {
  it('all guests', () => {
    const guests = guestModules();
    expect(guests.length).to.be.above(40);
    for (const module of guests) check(module);
  });

  it('all modules of the core suite, which use every instruction but the fence', function () {
    if (suiteMissing !== null) {
      console.log(`    skipped: ${suiteMissing}`);
      this.skip();
    }
    const seen = new Set<string>();
    let modules = 0;
    for (const module of suiteModules()) {
      for (const op of check(module)) seen.add(op);
      modules++;
    }
    expect(modules).to.be.above(2000);
    const unseen = OPCODES.filter((row) => !seen.has(row.name)).map((row) => row.name);
    expect(unseen).to.deep.equal(['atomic.fence']);
  });
});
