/** Modules with hints: the same module otherwise, read by the host, and what was written is what happened. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import wabt from 'wabt';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { customSections } from '../../src/wasm/names.ts';
import { Reader } from '../../src/wasm/reader.ts';
import { parseWat } from '../../src/wasm/wat.ts';
import { Scratch, wynamo } from '../cli/harness.ts';

/** Hints by function and offset in the body. */
function read(bytes: Uint8Array, name: string): Map<number, [offset: number, data: number[]][]> {
  const [section] = customSections(decodeModule(bytes), name);
  const map = new Map<number, [number, number[]][]>();
  if (!section) return map;
  const r = new Reader(section);
  for (let n = r.u32(); n > 0; n--) {
    const list: [number, number[]][] = [];
    map.set(r.u32(), list);
    for (let k = r.u32(); k > 0; k--) list.push([r.u32(), [...r.slice(r.u32())]]);
  }
  expect(r.done).to.equal(true);
  return map;
}

/** The module without sections of code metadata. */
function without(bytes: Uint8Array): Uint8Array {
  const { sections } = decodeModule(bytes);
  const parts = [bytes.subarray(0, 8)];
  sections.forEach((s, i) => {
    const start = i === 0 ? 8 : (sections[i - 1] as { end: number }).end;
    if (!s.name?.startsWith('metadata.code.')) parts.push(bytes.subarray(start, s.end));
  });
  return Buffer.concat(parts);
}

const WAT = `(module
  (table funcref (elem $one $two)) (type $t (func (result i32)))
  (func $one (type $t) (i32.const 1)) (func $two (type $t) (i32.const 2))
  (func (export "run") (param i32) (result i32) (local i32)
    (loop $l
      (if (i32.eq (local.get 0) (i32.const 7)) (then (local.set 1 (i32.const 0))))
      (if (i32.and (local.get 0) (i32.const 1)) (then (local.set 1 (i32.add (local.get 1) (call $one)))))
      (drop (call_indirect (type $t) (i32.eqz (i32.rem_u (local.get 0) (i32.const 10)))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

describe('wynamo hint', () => {
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
  });
  after(() => scratch.remove());
  const hint = (file: string, args: readonly string[]): Uint8Array => {
    const out = join(scratch.path, 'out.wasm');
    const { status, stdout, stderr } = wynamo(['hint', `-o${out}`, ...args.slice(0, -1), file, args.at(-1) as string]);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.match(/^wrote .*out\.wasm: \d+ branch hints, \d+ functions to optimize/);
    return new Uint8Array(readFileSync(out));
  };

  it('writes what happened, and nothing else changes', async () => {
    const bytes = await parseWat(WAT, 'known');
    const out = hint(scratch.file('known.wasm', bytes), ['--invoke=run', '100']);
    expect(Buffer.compare(without(out), bytes)).to.equal(0);
    const body = decodeModule(bytes).code[2] as { start: number };
    const at = (offset: number) => bytes[body.start + offset];
    const branches = read(out, 'metadata.code.branch_hint');
    // if (never but once), br_if (nearly always); the if that goes either way has none.
    expect([...branches.keys()]).to.deep.equal([2]);
    expect(branches.get(2)?.map(([offset, [likely]]) => [at(offset), likely])).to.deep.equal([
      [0x04, 0],
      [0x0d, 1],
    ]);
    // Half of 100 times is 2 ** 5 times, 100 times 2 ** 6.
    const frequencies = read(out, 'metadata.code.instr_freq').get(2);
    expect(frequencies?.map(([offset, [f]]) => [at(offset), f])).to.deep.equal([
      [0x10, 37],
      [0x11, 38],
    ]);
    const targets = read(out, 'metadata.code.call_targets').get(2);
    expect(targets?.map(([offset, data]) => [at(offset), data])).to.deep.equal([[0x11, [0, 90, 1, 10]]]);
    const [hot] = customSections(decodeModule(out), 'metadata.code.compilation_priority');
    expect([...(hot as Uint8Array)]).to.deep.equal([2, 0, 0, 2, 0, 1, 2, 0, 2, 0, 1]);
  });

  for (const name of ['queens', 'trees', 'indirect']) {
    it(`is read by the host without a complaint, and by wabt: ${name}`, async () => {
      const row = guest(name);
      const path = wasmPath(row, 'O3');
      const bytes = new Uint8Array(readFileSync(path));
      const out = hint(String(path), ['--invoke=run', String(row.sizes.small)]);
      expect(Buffer.compare(without(out), bytes)).to.equal(0);
      // Hints replace hints.
      const again = hint(scratch.file('again.wasm', out), ['--invoke=run', String(row.sizes.small)]);
      expect(Buffer.compare(again, out)).to.equal(0);
      const { readWasm } = await wabt();
      const module = readWasm(out, { sign_extension: true, bulk_memory: true });
      module.validate();
      module.destroy();
      const file = scratch.file('out2.wasm', out);
      const script = scratch.file(
        'run.mjs',
        `import { readFileSync } from 'node:fs';
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(${JSON.stringify(file)})));
        console.log('result ' + exports.run(${row.sizes.small}));`,
      );
      // Whoever is called is optimized at once.
      const flags = ['--no-liftoff', '--experimental-wasm-compilation-hints', '--trace-wasm-compilation-hints'];
      const { stdout, stderr } = spawnSync(process.execPath, [...flags, script], { encoding: 'utf8' });
      expect(stdout).to.contain(`result ${row.expected.small}\n`);
      // Of functions that it optimizes it says which calls it found hints of.
      const found = [...(stdout + stderr).matchAll(/function (\d+): found (?:in)?direct call .*?at offset (\d+)/g)];
      const optimized = new Set(found.map(([, func]) => Number(func)));
      expect(optimized.size).to.be.greaterThan(0);
      const places = (section: string) =>
        [...read(out, section)].flatMap(([func, list]) =>
          optimized.has(func) ? list.map(([offset]) => `${func} at ${offset}`) : [],
        );
      expect(found.map(([, func, offset]) => `${func} at ${offset}`)).to.include.members([
        ...places('metadata.code.instr_freq'),
        ...places('metadata.code.call_targets'),
      ]);
    });
  }

  it('explains what is missing or wrong', () => {
    const file = scratch.file('x.wat', WAT);
    expect(wynamo(['hint', '--invoke=run', file, '3']).stderr).to.contain('-o OUT.wasm');
    expect(wynamo(['hint', '-ox', '--bias=101', '--invoke=run', file, '3']).stderr).to.contain('from 50 to 100');
  });
});
