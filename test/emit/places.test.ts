/**
 * Emitted code says of each line which guest instruction it stands for. Without optimization an operation that the machine
 * itself never needs is the guest's own, so the guest has the same one at that place.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Build, guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiateSync } from '../../src/index.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { disassemble } from '../../src/wasm/disasm.ts';

const OWN =
  /^(?:(?:i32|i64)\.(?:xor|rotl|and)|i32\.(?:load8_u|load16_s|store8)|f64\.(?:add|sub|mul|div|sqrt|neg|abs))$/;
const LINE = /^[0-9a-f]{6} +(\S+).*?(?: {2};; \$(\S+)\+0x([0-9a-f]+))?$/;

/** Text of all fragments of a guest, and its instructions by byte offset. */
function emitted(name: string, build: Build, passes: string): { lines: string[]; ops: Map<number, string> } {
  const row = guest(name);
  const bytes = Uint8Array.from(readFileSync(wasmPath(row, build)));
  const host = makeImports(row);
  const { instance, machine } = instantiateSync(bytes, host.imports, { keepCode: true, compileFree: 200, passes });
  host.attach(instance.exports);
  (instance.exports.run as (n: number) => unknown)(row.sizes.small);
  const lines = machine.stats().fragments.flatMap((f) => f.code!.wat.split('\n'));
  machine.dispose();
  const module = decodeModule(bytes);
  const ops = new Map<number, string>();
  for (let f = module.importedFunctions; f < module.functions.length; f++)
    for (const line of disassemble(module, f)) ops.set(line.offset, line.text.split(' ')[0]!);
  return { lines, ops };
}

describe('places of emitted code', () => {
  for (const [name, build] of [
    ['sha256', 'O3'],
    ['nbody', 'O3'],
    ['crc32', 'O0'],
    ['matmul', 'O0'],
  ] as const) {
    it(`are the guest's own instructions in ${name} ${build}`, () => {
      const { lines, ops } = emitted(name, build, 'O0');
      let own = 0;
      for (const line of lines) {
        const [, op = '', , hex = ''] = LINE.exec(line) ?? [];
        if (!OWN.test(op)) continue;
        own++;
        expect(ops.get(Number.parseInt(hex, 16)), line).to.equal(op);
      }
      expect(own).to.be.greaterThan(9);
    });
  }

  it('are instructions of the guest on all lines but the way out, with all passes', () => {
    const { lines, ops } = emitted('lu', 'O3', 'O3');
    let without = 0;
    const code = lines.filter((line) => /^[0-9a-f]{6}/.test(line));
    for (const line of code) {
      const hex = LINE.exec(line)?.[3];
      if (hex === undefined) without++;
      else expect(ops.has(Number.parseInt(hex, 16)), line).to.equal(true);
    }
    expect(code.length).to.be.greaterThan(200);
    expect(without / code.length).to.be.lessThan(0.2);
  });
});
