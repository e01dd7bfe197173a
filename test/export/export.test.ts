/**
 * Every format is read by a program or package that somebody else wrote, and that tells the counts that went in:
 *
 *     speedscope            speedscope; ajv with speedscope's schema
 *     cpuprofile, folded    speedscope
 *     firefox               the Firefox Profiler (profiler-cli)
 *     pprof                 pprof-format, speedscope
 *     callgrind             speedscope, callgrind_annotate
 *     lcov                  lcov-parser, genhtml
 *     remarks               js-yaml
 *     perf                  perf
 *     json                  ajv
 *
 * speedscope needs a browser; callgrind_annotate, genhtml and perf are programs. Tests of what is not there are skipped.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { guest, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { EXPORTERS } from '../../src/export/catalogue.ts';
import { perfMap } from '../../src/export/perf.ts';
import { instantiateSync } from '../../src/index.ts';
import { Scratch, WYNAMO, wynamo } from '../cli/harness.ts';
import {
  hasProgram,
  importFrom,
  importReader,
  packageFolder,
  readByFirefoxProfiler,
  readBySpeedscope,
  type SpeedscopeRow,
} from './readers.ts';

const WASM = wasmPath(guest('quicksort'), 'O3');
const CALL = ['--invoke=run', String(WASM), '3'];

interface Fast {
  instructions: { total: number };
  functions: { name: string; instructions: number; entries: number }[];
  branches: { outcomes: number[] }[];
}

/** Of ajv: what checks a value, and tells what was wrong with the last one. */
interface Validate {
  (value: unknown): boolean;
  errors?: unknown[] | null;
}
type AjvClass = new (
  options?: object,
) => {
  compile(schema: object): Validate;
  errorsText(errors?: unknown[] | null): string;
};

/** Of lcov-parser: a part of a section, of functions, lines or branches. */
interface Covered {
  hit: number;
  instrumented: number;
  details: { line: number; hit: number; name: string }[];
}
interface LcovParser {
  lcovParser(options: { from: Uint8Array }): { path: string; functions: Covered; lines: Covered; branches: Covered }[];
}

describe('exported profiles', () => {
  let scratch: Scratch;
  /** What went in, from another run of the same guest. */
  let counted: Fast;
  before(() => {
    scratch = new Scratch();
    counted = JSON.parse(wynamo(['profile', '--fast', '--json', ...CALL]).stdout) as Fast;
    expect(counted.functions[0]?.instructions).to.be.greaterThan(1000);
  });
  after(() => scratch.remove());

  /** Writes a profile; gives its path. */
  const write = (format: string, name = `p.${format}`): string => {
    const path = join(scratch.path, name);
    const { status, stderr } = wynamo(['profile', `--format=${format}`, `-o${path}`, ...CALL]);
    expect(stderr).to.contain(`wrote ${path}\n`);
    expect(status).to.equal(0);
    return path;
  };

  /** speedscope shows microseconds as milliseconds or seconds, counts with commas. */
  const plain = (text: string, micro: boolean): number => {
    const n = Number.parseFloat(text.replaceAll(',', ''));
    if (!micro) return n;
    return /^[\d.]+s/.test(text) ? n * 1e6 : /^[\d.]+ms/.test(text) ? n * 1e3 : n;
  };

  for (const [format, name] of [
    ['speedscope', 'p.speedscope.json'],
    ['cpuprofile', 'p.cpuprofile'],
    ['folded', 'p.folded.txt'],
    ['pprof', 'p.pb.gz'],
    ['callgrind', 'p.callgrind'],
  ] as const) {
    it(`speedscope reads ${format}`, function () {
      const folder = packageFolder('speedscope');
      if (!folder || !hasProgram('chromium')) {
        console.log('      skipped: needs the package speedscope and chromium');
        this.skip();
      }
      const rows: SpeedscopeRow[] = readBySpeedscope(folder, scratch.path, name, readFileSync(write(format, name)));
      expect(rows.length).to.be.greaterThan(1);
      // Of callgrind's format, which may have every function of a system, it leaves out what is under a ten thousandth.
      const least = format === 'callgrind' ? counted.instructions.total / 10_000 : 1;
      for (const { name, instructions } of counted.functions.filter((f) => f.instructions >= least)) {
        const self = plain(rows.find((r) => r.name === name)?.self ?? '', format === 'cpuprofile');
        // It shows three or more digits.
        expect(self, name).to.be.closeTo(instructions, format === 'cpuprofile' ? instructions * 0.006 + 0.01 : 0.5);
      }
      // The guest's `run` calls all but the start function, so callees' instructions are added to its own.
      const total = plain(rows.find((r) => r.name === 'quicksort/run')?.total ?? '', format === 'cpuprofile');
      const start = counted.functions.find((f) => f.name === '~start')?.instructions as number;
      const below = counted.instructions.total - start;
      expect(total).to.be.closeTo(below, format === 'cpuprofile' ? below * 0.006 : 0.5);
    });
  }

  it("speedscope's own schema holds for speedscope", async function () {
    const folder = packageFolder('speedscope');
    const reader = await importReader<{ Ajv: AjvClass }>('ajv');
    if (!folder || !reader) {
      console.log('      skipped: needs the packages speedscope and ajv');
      this.skip();
    }
    const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as object;
    const ajv = new reader.Ajv();
    const valid = ajv.compile(json(join(folder, 'dist/release/file-format-schema.json')));
    const file = json(write('speedscope')) as { profiles: { weights: number[] }[] };
    expect(valid(file), ajv.errorsText(valid.errors)).to.equal(true);
    expect(file.profiles[0]?.weights.reduce((a, b) => a + b, 0)).to.equal(counted.instructions.total);
    expect(valid({ ...file, profiles: [{ ...file.profiles[0], weights: ['1'] }] })).to.equal(false);
  });

  it('pprof-format reads pprof', async function () {
    const folder = packageFolder('pprof-format');
    if (!folder) {
      console.log('      skipped: needs the package pprof-format');
      this.skip();
    }
    interface Decoded {
      stringTable: { strings: string[] };
      sampleType: { type: number }[];
      sample: { locationId: number[]; value: number[] }[];
      location: { id: number; line: { functionId: number }[] }[];
      function: { id: number; name: number }[];
    }
    const { Profile } = (await importFrom(folder, '')) as { Profile: { decode(bytes: Uint8Array): Decoded } };
    const p = Profile.decode(gunzipSync(readFileSync(write('pprof'))));
    const text = (i: number) => p.stringTable.strings[i];
    expect(p.sampleType.map((t) => text(t.type))).to.deep.equal(['calls', 'instructions']);
    const names = new Map(
      p.location.map((l) => [l.id, text(p.function.find((f) => f.id === l.line[0]?.functionId)?.name ?? 0)]),
    );
    const sums = new Map<string, [number, number]>();
    for (const { locationId, value } of p.sample) {
      const name = names.get(locationId[0] as number) as string;
      const [calls, self] = sums.get(name) ?? [0, 0];
      sums.set(name, [calls + Number(value[0]), self + Number(value[1])]);
    }
    for (const f of counted.functions) expect(sums.get(f.name), f.name).to.deep.equal([f.entries, f.instructions]);
  });

  it('callgrind_annotate reads callgrind, with its listing', function () {
    if (!hasProgram('callgrind_annotate')) {
      console.log('      skipped: needs callgrind_annotate (valgrind)');
      this.skip();
    }
    const { stdout, stderr } = spawnSync('callgrind_annotate', ['--threshold=100', write('callgrind')], {
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    const commas = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
    expect(stdout).to.contain(`${commas(counted.instructions.total)} (100.0%)  PROGRAM TOTALS`);
    for (const { name, instructions } of counted.functions.filter((f) => f.instructions > 0))
      expect(stdout).to.match(
        new RegExp(`${commas(instructions)} \\( ?[\\d.]+%\\)  .*:${name.replace(/[.*+?^$|()[\]{}]/g, '\\$&')}\\n`),
      );
    // Each instruction on a line of its own.
    expect(stdout).to.match(/\n[\d,]+ \( ?[\d.]+%\) +i32\.load/);
  });

  it('genhtml reads lcov', function () {
    if (!hasProgram('genhtml')) {
      console.log('      skipped: needs genhtml (lcov)');
      this.skip();
    }
    const path = write('lcov');
    const { status, stdout, stderr } = spawnSync('genhtml', ['--branch-coverage', '-o', `${path}.html`, path], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout).to.match(/functions\.*: 100/);
  });

  it('lcov-parser reads lcov: functions, branch outcomes, and lines of the listing', async function () {
    const reader = await importReader<LcovParser>('@friedemannsommer/lcov-parser/sync');
    if (!reader) {
      console.log('      skipped: needs the package @friedemannsommer/lcov-parser');
      this.skip();
    }
    const path = write('lcov');
    const [section, ...others] = reader.lcovParser({ from: readFileSync(path) });
    expect(others).to.deep.equal([]);
    expect(section?.path).to.equal(`${path}.wat`);
    const { functions, branches, lines } = section as NonNullable<typeof section>;
    const names = (list: readonly { name: string }[]) => [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(names(functions.details.map(({ name, hit }) => ({ name, entries: hit })))).to.deep.equal(
      names(counted.functions.map(({ name, entries }) => ({ name, entries }))),
    );
    expect(branches.details.map((b) => b.hit)).to.deep.equal(counted.branches.flatMap((b) => b.outcomes));
    const listing = readFileSync(section?.path as string, 'utf8').split('\n');
    for (const { line } of lines.details) expect(listing[line - 1]).to.match(/;; 0x[0-9a-f]+$/);
    expect(lines.details.reduce((sum, { hit }) => sum + hit, 0)).to.equal(counted.instructions.total);
    for (const { hit, instrumented, details } of [functions, branches, lines])
      expect({ hit, instrumented }).to.deep.equal({
        hit: details.filter((d) => d.hit > 0).length,
        instrumented: details.length,
      });
  });

  it('js-yaml reads the remarks as stream of documents', async function () {
    const folder = packageFolder('js-yaml');
    if (!folder) {
      console.log('      skipped: needs the package js-yaml');
      this.skip();
    }
    interface Yaml {
      loadAll(text: string): unknown[];
    }
    const module = await importFrom(folder, '');
    const yaml = (module.default ?? module) as unknown as Yaml;
    // LLVM's tags are local ones; the reader has none for them.
    const kinds: string[] = [];
    const text = readFileSync(write('remarks'), 'utf8').replace(/^--- !(\w+)$/gm, (_, kind: string) => {
      kinds.push(kind);
      return '---';
    });
    interface Remark {
      Pass: string;
      Name: string;
      Function: string;
      DebugLoc: { File: string; Line: number; Column: number };
      Hotness?: number;
      Args: Record<string, string>[];
    }
    const remarks = yaml.loadAll(text) as Remark[];
    expect(remarks.length).to.equal(kinds.length);
    expect(new Set(kinds)).to.include('Passed').and.to.include('Analysis');
    for (const r of remarks) expect(r).to.include.keys(['Pass', 'Name', 'Function', 'DebugLoc', 'Args']);
    const compiled = remarks.filter((r) => r.Name === 'Compiled');
    expect(compiled.length).to.be.greaterThan(0);
    expect(compiled[0]?.DebugLoc.File).to.equal(String(WASM));
    expect(compiled[0]?.Hotness).to.be.greaterThan(0);
    // Decisions are made by counts, so another run compiles the same traces.
    const { fragments } = JSON.parse(readFileSync(write('json'), 'utf8')) as {
      fragments: { name: string; bytes: number }[];
    };
    const bytes = (r: Remark) => Number(r.Args.find((a) => 'Bytes' in a)?.Bytes);
    expect(compiled.map((r) => [r.Function, bytes(r)])).to.deep.equal(fragments.map((f) => [f.name, f.bytes]));
  });

  it('the Firefox profile has tables that refer to each other, callers first, and all instructions', () => {
    interface Table {
      length: number;
      [column: string]: unknown;
    }
    const { threads, meta } = JSON.parse(readFileSync(write('firefox'), 'utf8')) as {
      threads: [Record<string, Table> & { stringArray: string[] }];
      meta: { preprocessedProfileVersion: number };
    };
    const [t] = threads;
    expect(meta.preprocessedProfileVersion).to.equal(48);
    for (const name of ['samples', 'stackTable', 'frameTable', 'funcTable', 'resourceTable', 'markers']) {
      const table = t[name] as Table;
      for (const [column, list] of Object.entries(table))
        if (Array.isArray(list)) expect(list.length, `${name}.${column}`).to.equal(table.length);
    }
    const column = (table: string, name: string) => (t[table] as Table)[name] as number[];
    const prefixes = column('stackTable', 'prefix') as (number | null)[];
    prefixes.forEach((prefix, i) => {
      if (prefix !== null) expect(prefix).to.be.lessThan(i);
    });
    const sums = new Map<string, number>();
    column('samples', 'stack').forEach((stack, i) => {
      const func = column('frameTable', 'func')[column('stackTable', 'frame')[stack] as number] as number;
      const name = t.stringArray[column('funcTable', 'name')[func] as number] as string;
      sums.set(name, (sums.get(name) ?? 0) + (column('samples', 'weight')[i] as number));
    });
    for (const f of counted.functions.filter((x) => x.instructions > 0))
      expect(sums.get(f.name), f.name).to.equal(f.instructions);
  });

  it('the Firefox Profiler reads its format', function () {
    const folder = packageFolder('@firefox-devtools/profiler-cli');
    if (!folder) {
      console.log('      skipped: needs the package @firefox-devtools/profiler-cli');
      this.skip();
    }
    const { weightType, functions } = readByFirefoxProfiler(folder, scratch.path, write('firefox'));
    expect(weightType).to.equal('samples');
    const named = counted.functions.filter((f) => f.instructions > 0);
    expect(functions.length).to.equal(named.length);
    for (const { name, instructions } of named)
      expect(functions.find((f) => f.name === name)?.selfSamples, name).to.equal(instructions);
    // What a function calls counts for it, too: the guest's `run` calls all but the start function.
    const start = named.find((f) => f.name === '~start')?.instructions ?? 0;
    expect(functions.find((f) => f.name === 'quicksort/run')?.totalSamples).to.equal(
      counted.instructions.total - start,
    );
  });

  it('the perf map names code of Wasm by function and tier, and fragments by trace', function () {
    if (process.platform !== 'linux') this.skip();
    const without = wynamo(['profile', '--format=perf', ...CALL]);
    expect(without.status).to.equal(2);
    expect(without.stderr).to.contain('NODE_OPTIONS=--perf-basic-prof');
    expect(perfMap('7f00 20 JS:crc32/run-1-turbofan\n7f20 10 Builtin:Abort\n')).to.equal(
      '7f00 20 crc32/run [turbofan]\n7f20 10 Builtin:Abort\n',
    );
    const path = join(scratch.path, 'perf.map');
    // The engine writes a log into the working folder, too, and its own map to /tmp.
    const maps = () => readdirSync('/tmp').filter((name) => /^perf-\d+\.map$/.test(name));
    const old = new Set(maps());
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = '--perf-basic-prof';
    const { status } = wynamo(['profile', '--format=perf', `-o${path}`, ...CALL], '', scratch.path);
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
    expect(status).to.equal(0);
    const rows = readFileSync(path, 'utf8').trimEnd().split('\n');
    for (const row of rows) expect(row).to.match(/^[0-9a-f]+ [0-9a-f]+ \S/);
    for (const name of maps())
      if (!old.has(name) && readFileSync(`/tmp/${name}`, 'utf8').includes('quicksort/')) rmSync(`/tmp/${name}`);
    expect(rows.some((row) => /^[0-9a-f]+ [0-9a-f]+ T\d+ .*\[(liftoff|turbofan)\]$/.test(row))).to.equal(true);
  });

  it('perf reads the perf map', function () {
    const data = join(scratch.path, 'perf.data');
    const map = join(scratch.path, 'recorded.map');
    const command = [
      'profile',
      '--format=perf',
      `-o${map}`,
      '--invoke=run',
      String(wasmPath(guest('crc32'), 'O3')),
      '400',
    ];
    const options = {
      cwd: scratch.path,
      env: { ...process.env, NODE_OPTIONS: '--perf-basic-prof' },
      encoding: 'utf8',
    } as const;
    const record = [
      'record',
      '-q',
      '-o',
      data,
      '-F',
      '999',
      '-e',
      'cpu-clock',
      '--',
      process.execPath,
      WYNAMO,
      ...command,
    ];
    if (process.platform !== 'linux' || !hasProgram('perf') || spawnSync('perf', record, options).status !== 0) {
      console.log('      skipped: needs perf, and the permission to use it');
      this.skip();
    }
    const script = (fields: string) =>
      spawnSync('perf', ['script', '-i', data, '-F', fields], { encoding: 'utf8' }).stdout;
    const pids = new Set(script('pid').match(/\d+/g));
    // The engine's own maps are where perf looks; ours takes their place.
    const maps = [...pids].map((pid) => `/tmp/perf-${pid}.map`);
    try {
      for (const path of maps) copyFileSync(map, path);
      expect(script('ip,sym')).to.match(/\bT\d+ crc32\/run\S* \[(turbofan|liftoff)\]/);
    } finally {
      for (const path of maps) rmSync(path, { force: true });
    }
  });

  it('statistics of every mode are what the schema says', async function () {
    const reader = await importReader<{ Ajv2020: AjvClass }>('ajv/dist/2020.js');
    if (!reader) {
      console.log('      skipped: needs the package ajv');
      this.skip();
    }
    const schema = JSON.parse(
      readFileSync(new URL('../../docs/schema/stats.schema.json', import.meta.url), 'utf8'),
    ) as object;
    const ajv = new reader.Ajv2020({ allErrors: true, allowUnionTypes: true });
    const validate = ajv.compile(schema);
    const errors = (value: unknown) => (validate(value) ? [] : (validate.errors ?? []).map((e) => ajv.errorsText([e])));
    expect(errors(counted)).to.deep.equal([]);
    expect(counted.branches.length).to.be.greaterThan(5);
    expect(errors(JSON.parse(readFileSync(write('json'), 'utf8')))).to.deep.equal([]);
    for (const options of [
      { mode: 'native' },
      { mode: 'interp' },
      { keepCode: true },
      { nativeFirst: 'on' },
    ] as const) {
      const { instance, machine } = instantiateSync(readFileSync(WASM), {}, options);
      (instance.exports.run as (n: number) => void)(3);
      const stats = JSON.parse(JSON.stringify(machine.stats())) as object;
      machine.dispose();
      expect(errors(stats), JSON.stringify(options)).to.deep.equal([]);
    }
    // And the schema is not one that takes everything.
    expect(errors({ ...counted, more: 1 })).to.have.lengthOf(1);
    expect(errors({ ...counted, functions: [{}] })).to.have.lengthOf(5);
  });

  it('explains what is wrong with the flags', () => {
    const wrong = wynamo(['profile', '--format=speedscop', ...CALL]);
    expect(wrong.stderr).to.contain("there is no format 'speedscop'; did you mean 'speedscope'?");
    expect(wrong.status).to.equal(2);
    expect(wynamo(['profile', '-ox', ...CALL]).stderr).to.contain('-o needs --format=NAME');
  });

  it('come in ten formats with different names', () => {
    expect(new Set(EXPORTERS.map((e) => e.name)).size).to.equal(10);
  });
});
