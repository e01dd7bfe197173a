/**
 * Line tables of DWARF 4 and 5 from clang: what every instruction belongs to is checked against the source's own text, and
 * against the table as llvm-dwarfdump prints it, where that program is there.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { guestSource } from '../../src/source/source.ts';
import { decodeModule, SECTION } from '../../src/wasm/decode.ts';
import { disassemble } from '../../src/wasm/disasm.ts';
import type { WasmModule } from '../../src/wasm/module.ts';
import { functionName } from '../../src/wasm/names.ts';

const path = (version: number) => fileURLToPath(new URL(`fixtures/sum.dwarf${version}.wasm`, import.meta.url));
const folder = 'test/source/fixtures';

function open(version: number) {
  const module = decodeModule(readFileSync(path(version)));
  return { module, source: guestSource(module, path(version))! };
}

const funcByName = (module: WasmModule, name: string) =>
  module.functions.findIndex((_, i) => functionName(module, i) === name);

describe('DWARF line tables', () => {
  for (const version of [4, 5]) {
    it(`version ${version}: functions, lines and texts`, () => {
      const { module, source } = open(version);
      expect(source.ofFunction(funcByName(module, 'fill'))).to.deep.equal({
        file: `${folder}/sum.c`,
        line: 6,
        column: 0,
      });
      expect(source.ofFunction(funcByName(module, 'sum'))?.line).to.equal(13);
      expect(source.text(`${folder}/sum.c`, 13)).to.contain('unsigned sum(unsigned times)');
      expect(source.text(`${folder}/sum.c`, 1000)).to.equal(null);
      expect(source.text('no/such.c', 1)).to.equal(null);
    });

    it(`version ${version}: instructions stand at lines that say so`, () => {
      const { module, source } = open(version);
      const lines = (name: string, op: string) =>
        disassemble(module, funcByName(module, name))
          .filter((l) => l.text.startsWith(op))
          .flatMap(({ offset }) => source.at(offset) ?? [])
          .map((p) => source.text(p.file, p.line)!.trim());
      // The shifts were inlined from the header.
      expect(lines('fill', 'i32.shl')).to.deep.equal(['x ^= x << 13;', 'return x ^ x << 5;']);
      expect(lines('fill', 'i32.store')).to.deep.equal(['table[i] = seed;']);
      expect(lines('sum', 'i32.and')).to.deep.equal(['if (table[i] & 1)']);
      // What the compiler added has no line, but one is near.
      const none = disassemble(module, funcByName(module, 'fill')).find((l) => source.at(l.offset) === null);
      expect(none).not.to.equal(undefined);
      expect(source.near(none!.offset)?.line).to.be.greaterThan(0);
    });

    it(`version ${version}: the same rows as llvm-dwarfdump`, function () {
      const dump = spawnSync('llvm-dwarfdump', ['--debug-line', path(version)], { encoding: 'utf8' });
      if (dump.error) {
        console.log('      skipped: needs llvm-dwarfdump');
        this.skip();
      }
      const { module, source } = open(version);
      const base = module.sections.find((s) => s.id === SECTION.code)!.start;
      const rows = [...dump.stdout.matchAll(/^(0x[0-9a-f]{16}) +(\d+) +(\d+) +\d+ .*$/gm)].map((m) => ({
        offset: base + Number(m[1]),
        line: Number(m[2]),
        column: Number(m[3]),
        end: m[0].includes('end_sequence'),
      }));
      expect(rows.length).to.be.greaterThan(20);
      rows.forEach((row, i) => {
        // Of several rows at one address the last counts.
        if (row.end || row.line === 0 || rows[i + 1]?.offset === row.offset) return;
        const { line, column } = source.at(row.offset) ?? {};
        expect({ line, column }, `0x${row.offset.toString(16)}`).to.deep.equal({ line: row.line, column: row.column });
      });
    });
  }

  it('broken tables are no tables, and break nothing', () => {
    const bytes = readFileSync(path(5));
    const { sections } = decodeModule(bytes);
    const lines = sections.find((s) => s.name === '.debug_line')!;
    let read = 0;
    for (let at = lines.start; at < lines.end; at++) {
      const broken = Uint8Array.from(bytes);
      broken[at] = 0xff;
      const module = decodeModule(broken);
      if (guestSource(module, null)?.ofFunction(0)) read++;
    }
    expect(read).to.be.lessThan(lines.end - lines.start);
  });
});
