/** Source maps: from AssemblyScript beside a module, as a data: URL, in sections, and broken ones. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readMap } from '../../src/source/map.ts';
import { guestSource } from '../../src/source/source.ts';
import { eachSegment } from '../../src/source/vlq.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { disassemble } from '../../src/wasm/disasm.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { ROOT, Scratch, wynamo } from '../cli/harness.ts';

const SOURCE = `export function squares(n: i32): i32 {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += square(i);
  }
  return sum;
}

function square(x: i32): i32 {
  if (x & 1) return x * x;
  return -x;
}
`;

const asc = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');

/** The module with another URL for its map. */
function withUrl(bytes: Uint8Array, url: string): Uint8Array {
  const section = decodeModule(bytes).sections.find((s) => s.name === 'sourceMappingURL')!;
  const begin = bytes.lastIndexOf(0, section.start);
  const w = new Writer();
  w.name('sourceMappingURL').name(url);
  const out = new Writer();
  return out.raw(bytes.subarray(0, begin)).u8(0).sized(w).view().slice();
}

describe('source maps', () => {
  let scratch: Scratch;
  let path: string;
  let bytes: Buffer;
  before(() => {
    scratch = new Scratch();
    scratch.file('squares.ts', SOURCE);
    const flags = ['squares.ts', '-o', 'squares.wasm', '-O0', '--sourceMap', '--runtime', 'stub'];
    execFileSync(process.execPath, [asc, ...flags], { cwd: scratch.path });
    path = join(scratch.path, 'squares.wasm');
    bytes = readFileSync(path);
  });
  after(() => scratch.remove());

  /** Texts of the lines of instructions of a kind. */
  function linesOf(module: ReturnType<typeof decodeModule>, at: string | null, op: string): (string | null)[] {
    const source = guestSource(module, at)!;
    return module.code.flatMap((_, i) =>
      disassemble(module, module.importedFunctions + i)
        .filter((l) => l.text === op)
        .map(({ offset }) => source.at(offset))
        .map((place) => place && source.text(place.file, place.line)!.trim()),
    );
  }

  it('AssemblyScript: a map beside the module, whose texts are those of the map', () => {
    const module = decodeModule(bytes);
    expect(linesOf(module, path, 'i32.mul')).to.deep.equal(['if (x & 1) return x * x;']);
    expect(linesOf(module, path, 'i32.lt_s')).to.deep.equal(['for (let i = 0; i < n; i++) {']);
    const place = guestSource(module, path)!.ofFunction(module.exports.find((e) => e.name === 'squares')!.index)!;
    expect(place.file).to.match(/squares\.ts$/);
    expect(place.line).to.equal(2);
  });

  it('a data: URL needs no file', () => {
    const map = readFileSync(`${path}.map`);
    for (const url of [
      `data:application/json;base64,${map.toString('base64')}`,
      `data:application/json;charset=utf-8,${encodeURIComponent(map.toString('utf8'))}`,
    ]) {
      const module = decodeModule(withUrl(bytes, url));
      expect(linesOf(module, null, 'i32.mul')).to.deep.equal(['if (x & 1) return x * x;']);
    }
  });

  it('an address of a web server is looked for beside the module, and never fetched', () => {
    const module = decodeModule(withUrl(bytes, 'https://example.invalid/dist/squares.wasm.map'));
    expect(linesOf(module, path, 'i32.mul')).to.deep.equal(['if (x & 1) return x * x;']);
    expect(guestSource(module, null)).to.equal(null);
  });

  it('without a map, or with a broken one, there is no source', () => {
    expect(guestSource(decodeModule(bytes), null)).to.equal(null);
    for (const url of ['nowhere.map', 'data:application/json,{', 'data:application/json,{"mappings":"A*"}'])
      expect(guestSource(decodeModule(withUrl(bytes, url)), path), url).to.equal(null);
  });

  it('maps in sections: columns and files add up', () => {
    const info = readMap(
      {
        sections: [
          { offset: { line: 0, column: 100 }, map: { sources: ['a'], mappings: 'AAAA,EACA,C' } },
          { offset: { line: 0, column: 200 }, map: { sources: ['b'], mappings: 'AAAC;AAAA' } },
        ],
      },
      null,
    );
    expect(info.mappings).to.deep.equal([
      { offset: 100, place: { file: 0, line: 1, column: 1 } },
      { offset: 102, place: { file: 0, line: 2, column: 1 } },
      { offset: 103, place: null },
      { offset: 200, place: { file: 1, line: 1, column: 2 } },
    ]);
    expect(info.files.map((f) => f.name)).to.deep.equal(['a', 'b']);
  });

  it('reads numbers of all sizes and signs', () => {
    const seen: number[][] = [];
    eachSegment('AACD,gggggC,//////D;IIII', (fields) => seen.push([...fields]));
    expect(seen).to.deep.equal([[0, 0, 1, -1], [2 ** 25], [-(2 ** 31 - 1)]]);
  });

  it('coverage counts lines of the source', () => {
    const info = join(scratch.path, 'p.info');
    expect(wynamo(['profile', '--format=lcov', `-o${info}`, '--invoke=squares', path, '10']).status).to.equal(0);
    const data = readFileSync(info, 'utf8');
    expect(data).to.match(/^SF:.*squares\.ts$/m);
    expect(data).to.contain('FNDA:1,squares\n');
    for (const line of ['DA:3,11', 'DA:4,10', 'DA:6,1', 'DA:10,10', 'DA:11,5']) expect(data).to.contain(`${line}\n`);
    expect(existsSync(`${info}.wat`)).to.equal(false);
  });

  it('callgrind counts lines of the source, all instructions of them', () => {
    const out = join(scratch.path, 'p.callgrind');
    const call = ['--invoke=squares', path, '10'];
    wynamo(['profile', '--format=callgrind', `-o${out}`, ...call]);
    const data = readFileSync(out, 'utf8');
    const lines = data.split('\n');
    const costs = lines.filter((l, i) => /^\d+ \d+$/.test(l) && !lines[i - 1]?.startsWith('calls='));
    const { instructions } = JSON.parse(wynamo(['profile', '--fast', '--json', ...call]).stdout);
    expect(costs.reduce((sum, l) => sum + Number(l.split(' ')[1]), 0)).to.equal(instructions.total);
    expect(data).to.match(/^fl=.*squares\.ts\nfn=squares$/m);
    expect(data).to.contain(`totals: ${instructions.total}\n`);
  });

  for (const [format, read] of Object.entries<(file: Buffer) => unknown>({
    speedscope: (file) => JSON.parse(file.toString()).shared.frames,
    cpuprofile: (file) =>
      JSON.parse(file.toString()).nodes.map((n: { callFrame: Record<string, unknown> }) => ({
        name: n.callFrame.functionName,
        file: n.callFrame.url,
        line: Number(n.callFrame.lineNumber) + 1,
      })),
    firefox: (file) => {
      const { funcTable: t, stringArray: s } = JSON.parse(file.toString()).threads[0];
      return t.name.map((n: number, i: number) => ({ name: s[n], file: s[t.fileName[i]], line: t.lineNumber[i] }));
    },
  }))
    it(`${format} names file and line of functions`, () => {
      const out = join(scratch.path, `p.${format}`);
      wynamo(['profile', `--format=${format}`, `-o${out}`, '--invoke=squares', path, '10']);
      const frames = read(readFileSync(out)) as { name: string; file: string; line: number }[];
      const frame = frames.find((f) => f.name === 'squares')!;
      expect(frame.file).to.match(/squares\.ts$/);
      expect(frame.line).to.equal(2);
    });

  it('pprof names file and line of functions', () => {
    const out = join(scratch.path, 'p.pb.gz');
    wynamo(['profile', '--format=pprof', `-o${out}`, '--invoke=squares', path, '10']);
    const { Profile } = createRequire(import.meta.url)('pprof-format');
    const profile = Profile.decode(gunzipSync(readFileSync(out)));
    const text = (i: number | bigint) => profile.stringTable.strings[Number(i)];
    const func = profile.function.find((f: { name: number }) => text(f.name) === 'squares');
    expect(text(func.filename)).to.match(/squares\.ts$/);
    expect(Number(func.startLine)).to.equal(2);
    const location = profile.location.find(
      (l: { line: { functionId: bigint }[] }) => l.line[0]?.functionId === func.id,
    );
    expect(Number(location.line[0].line)).to.equal(2);
  });

  it('a trap names file and line, in every mode', () => {
    const own = new Scratch();
    own.file('div.ts', 'export function div(a: i32, b: i32): i32 {\n  let c = a;\n  c /= b;\n  return c;\n}\n');
    execFileSync(process.execPath, [asc, 'div.ts', '-o', 'div.wasm', '-O0', '--sourceMap', '--runtime', 'stub'], {
      cwd: own.path,
    });
    for (const mode of ['native', 'interp', 'trace']) {
      const call = ['run', `--mode=${mode}`, '--invoke=div', join(own.path, 'div.wasm'), '1', '0'];
      const { stderr, status } = wynamo(call);
      expect(stderr, mode).to.match(/^wynamo: trap: divide by zero at \$\w+\+0x\w+ \(.*div\.ts:3\)\n$/);
      expect(status).to.equal(134);
    }
    own.remove();
  });

  it('commands show source lines', () => {
    const call = ['--invoke=squares', path, '20000'];
    const profile = wynamo(['profile', ...call]).stdout;
    expect(profile).to.match(/function .* source\n/);
    expect(profile).to.match(/\$squares\+0x\w+ .*squares\.ts:2\n/);
    expect(profile).to.match(/squares\.ts:3\n/);
    const json = JSON.parse(wynamo(['profile', '--json', ...call]).stdout);
    expect(json.loops[0]).to.include({ line: 3 });
    const source = wynamo(['dump', '--stage=source', ...call]).stdout;
    expect(source).to.match(/^;; T1 .*squares\.ts:\d+\)/);
    expect(source).to.match(/\n +4 +sum \+= square\(i\); .*;; .*\+0x[0-9a-f]+/);
    expect(source).to.match(/\n +10 +if \(x & 1\) return x \* x;/);
  });
});
