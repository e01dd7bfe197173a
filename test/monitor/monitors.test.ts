/**
 * Monitors: what they saw is compared with other ways of finding it out (binaryen's own instrumentation, conservation laws,
 * modules whose behaviour is known), and guests under all monitors at once do what they do natively.
 */
import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { loadMonitors, MONITORS } from '../../src/monitor/catalogue.ts';
import type { Allocation } from '../../src/monitor/monitors/allocation.ts';
import type { Branch } from '../../src/monitor/monitors/branches.ts';
import type { CallEdge } from '../../src/monitor/monitors/calls.ts';
import type { ContextNode } from '../../src/monitor/monitors/contexts.ts';
import type { CoveredFunction } from '../../src/monitor/monitors/coverage.ts';
import type { HostCall } from '../../src/monitor/monitors/host-calls.ts';
import type { HotFunction } from '../../src/monitor/monitors/hotness.ts';
import type { Loop } from '../../src/monitor/monitors/loops.ts';
import type { MemoryResult } from '../../src/monitor/monitors/memory.ts';
import type { Mix } from '../../src/monitor/monitors/mix.ts';
import type { Pairs } from '../../src/monitor/monitors/pairs.ts';
import type { Values } from '../../src/monitor/monitors/values.ts';
import { openMonitored } from '../../src/monitor/open.ts';
import { parseWat } from '../../src/wasm/wat.ts';
import { generate } from '../fuzz/differ.ts';
import { makeHost } from '../fuzz/host.ts';
import { SIZES } from '../fuzz/plan.ts';
import { told } from '../instrument/told.ts';
import { type Host, observeExports, show } from '../modes/harness.ts';

interface All {
  hotness: HotFunction[];
  branches: Branch[];
  calls: CallEdge[];
  loops: Loop[];
  memory: MemoryResult;
  values: Values[];
  mix: Mix;
  pairs: Pairs;
  allocation: Allocation;
  'host-calls': HostCall[];
  coverage: CoveredFunction[];
  contexts: ContextNode[];
}

const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

/** Runs under all monitors. */
function watch(bytes: Uint8Array, host: Host, call: (exports: WebAssembly.Exports) => void): All {
  const run = openMonitored(Uint8Array.from(bytes), host.imports, MONITORS);
  host.attach?.(run.instance.exports);
  call(run.instance.exports);
  run.dispose();
  expect(run.text(3)).to.be.a('string');
  return Object.fromEntries(run.results()) as unknown as All;
}

/** Laws that hold for whatever runs to its end. */
function expectLaws(all: All, label: string): void {
  const instructions = sum(all.hotness.map((f) => f.instructions));
  const entries = sum(all.hotness.map((f) => f.entries));
  expect(all.mix.total, `${label}: mix`).to.equal(instructions);
  expect(sum(Object.values(all.mix.opcodes)), `${label}: opcodes`).to.equal(instructions);
  // Every instruction but the first of an activation has one before it.
  expect(all.pairs.total, `${label}: pairs`).to.equal(instructions - entries);
  // Counters know nothing of events, events nothing of counters.
  const { load = 0, store = 0 } = all.mix.effects;
  const bulk = all.memory.accesses.filter((a) => a.op.startsWith('memory.'));
  const plain = (of: (a: MemoryResult) => number, part: (a: (typeof bulk)[number]) => number) =>
    of(all.memory) - sum(bulk.map(part));
  expect(
    plain(
      (m) => m.reads,
      (a) => a.reads,
    ),
    `${label}: reads`,
  ).to.equal(load);
  expect(
    plain(
      (m) => m.writes,
      (a) => a.writes,
    ),
    `${label}: writes`,
  ).to.equal(store);
  for (const l of all.loops)
    expect(sum(Object.values(l.histogram)), `${label}: runs of ${l.place}`).to.equal(l.entries);
  const called = (func: number) => sum(all.calls.filter((c) => c.callee === func).map((c) => c.count));
  for (const f of all.hotness) expect(f.entries, `${label}: calls of ${f.name}`).to.be.at.least(called(f.func));
  const indirect = sum(all.calls.filter((c) => c.kind === 'indirect').map((c) => c.count));
  expect(indirect, `${label}: indirect calls`).to.equal(all.mix.opcodes.call_indirect ?? 0);
  for (const h of all['host-calls'])
    expect(sum(all.calls.filter((c) => c.callee === h.func && c.kind === 'import').map((c) => c.count))).to.equal(
      h.calls,
    );
  // Sums along paths against counters of edges, function by function.
  const inContexts = new Map<number, [calls: number, instructions: number]>();
  const visit = (n: ContextNode) => {
    const [calls, self] = inContexts.get(n.func) ?? [0, 0];
    inContexts.set(n.func, [calls + n.calls, self + n.self]);
    n.children.forEach(visit);
  };
  all.contexts.forEach(visit);
  for (const f of all.hotness)
    expect(inContexts.get(f.func), `${label}: contexts of ${f.name}`).to.deep.equal([f.entries, f.instructions]);
  for (const c of all.coverage)
    expect(c.entries, `${label}: coverage of ${c.name}`).to.equal(
      all.hotness.find((f) => f.func === c.func)?.entries ?? 0,
    );
}

/** What binaryen's instrumentation tells the host: an independent rewriter, with a host call for each access. */
function binaryenAccesses(
  bytes: Uint8Array,
  n: number,
): { reads: number; writes: number; bytes: number; lines: number } {
  const module = binaryen.readBinary(Uint8Array.from(bytes));
  let code: Uint8Array<ArrayBuffer>;
  try {
    module.runPasses(['instrument-memory']);
    code = Uint8Array.from(module.emitBinary());
  } finally {
    module.dispose();
  }
  const seen = { reads: 0, writes: 0, bytes: 0 };
  const lines = new Set<number>();
  const pointer = (kind: 'reads' | 'writes') => (_: number, size: number, offset: number, address: number) => {
    seen[kind]++;
    seen.bytes += size;
    const from = (address >>> 0) + offset;
    for (let line = Math.floor(from / 64); line <= Math.floor((from + size - 1) / 64); line++) lines.add(line);
    return address;
  };
  const env = new Proxy({} as Record<string, unknown>, {
    get(_, name) {
      if (name === 'load_ptr') return pointer('reads');
      return name === 'store_ptr' ? pointer('writes') : (_: number, value: unknown) => value;
    },
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env } as WebAssembly.Imports);
  (exports.run as (n: number) => void)(n);
  return { ...seen, lines: lines.size };
}

describe('monitors', () => {
  for (const row of GUESTS) {
    for (const build of row.builds) {
      it(`agree with each other on ${row.name}.${build}`, () => {
        const bytes = readFileSync(wasmPath(row, build));
        // Less than the small size, since every memory access is an event.
        const n = Math.ceil(row.sizes.small / 8);
        const host = makeImports(row);
        const native = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), host.imports).exports;
        host.attach(native);
        const expected = (native.run as (n: number) => unknown)(n);
        const all = watch(bytes, makeImports(row), (exports) => {
          expect((exports.run as (n: number) => unknown)(n)).to.equal(expected);
        });
        expectLaws(all, `${row.name}.${build}`);
      });
    }
  }

  for (const [name, build, n] of [
    ['quicksort', 'O3', 3],
    ['lz', 'O0', 1],
    ['hashtable', 'O3', 5],
    ['matmul', 'O3', 20],
  ] as const) {
    it(`see the memory accesses of ${name}.${build} that binaryen's instrumentation sees`, () => {
      const row = GUESTS.find((g) => g.name === name) as (typeof GUESTS)[number];
      const bytes = readFileSync(wasmPath(row, build));
      const { memory } = watch(bytes, makeImports(row), (exports) => (exports.run as (n: number) => void)(n));
      // That pass knows no bulk instructions.
      const plain = memory.accesses.filter((a) => !a.op.startsWith('memory.'));
      const { lines, ...others } = binaryenAccesses(bytes, n);
      expect({
        reads: sum(plain.map((a) => a.reads)),
        writes: sum(plain.map((a) => a.writes)),
        bytes: sum(plain.map((a) => a.bytes)),
      }).to.deep.equal(others);
      if (plain.length === memory.accesses.length) expect(memory.lines).to.equal(lines);
      else expect(memory.lines).to.be.at.least(lines);
      expect(memory.reads).to.be.greaterThan(1000);
    });
  }

  it('change nothing of random modules', () => {
    let whole = 0;
    for (let seed = 710_000; seed < 710_030; seed++) {
      const { module } = generate(seed, SIZES.normal);
      const run = (open: (imports: WebAssembly.Imports) => WebAssembly.Instance) => {
        const host = makeHost();
        const exports = told(open(host.imports).exports, (error) => {
          unwound = true;
          monitored?.unwound(error);
        });
        host.attach?.(exports);
        const results = module.steps.map((step) => {
          try {
            if (typeof step === 'function') return show(step(exports));
            return show((exports[step[0]] as (...args: unknown[]) => unknown)(...step.slice(1)));
          } catch (error) {
            return `throws ${show(error)}`;
          }
        });
        return [...results, JSON.stringify(observeExports(exports))];
      };
      const bytes = () => Uint8Array.from(module.bytes);
      let monitored: ReturnType<typeof openMonitored> | undefined;
      let unwound = false;
      const native = run((imports) => new WebAssembly.Instance(new WebAssembly.Module(bytes()), imports));
      const watched = run((imports) => {
        monitored = openMonitored(bytes(), imports, MONITORS);
        return monitored.instance;
      });
      monitored?.dispose();
      expect(watched, `seed ${seed}`).to.deep.equal(native);
      const results = Object.fromEntries(monitored?.results() ?? []) as unknown as All;
      if (!unwound) expectLaws(results, `seed ${seed}`);
      if (!unwound) whole++;
    }
    expect(whole).to.be.greaterThan(8);
  });

  it('tell what a module of known behaviour does', async () => {
    const bytes = await parseWat(
      `(module (import "env" "note" (func $note (param i32)))
        (memory 1 3) (table funcref (elem $double $square $note_it))
        (type $f (func (param i32) (result i32)))
        (func $double (type $f) (i32.mul (local.get 0) (i32.const 2)))
        (func $square (type $f) (i32.mul (local.get 0) (local.get 0)))
        (func $note_it (type $f) (call $note (local.get 0)) (local.get 0))
        (func $malloc (param i32) (result i32) (i32.const 64))
        (func (export "run") (param i32) (local i32)
          (loop $each
            (i32.store offset=16 (i32.mul (local.get 1) (i32.const 8))
              (call_indirect (type $f) (local.get 1) (i32.rem_u (local.get 1) (i32.const 3))))
            (if (i32.eq (local.get 1) (i32.const 5)) (then (br_if 0 (i32.const 1))) (else (drop (call $malloc (i32.const 24)))))
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if $each (i32.lt_u (local.get 1) (local.get 0))))
          (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 7)))))`,
      'known',
    );
    const all = watch(bytes, { imports: { env: { note() {} } } }, (exports) => {
      (exports.run as (n: number) => void)(10);
      (exports.run as (n: number) => void)(1);
    });
    expectLaws(all, 'known');
    const indirect = all.calls.filter((c) => c.kind === 'indirect');
    expect(Object.fromEntries(indirect.map((c) => [c.calleeName, c.count]))).to.deep.equal({
      double: 5,
      square: 3,
      note_it: 3,
    });
    expect(all['host-calls']).to.have.lengthOf(1);
    expect(all['host-calls'][0]).to.include({ import: 'env.note', calls: 3 });
    expect(all.loops[0]).to.deep.include({ entries: 2, heads: 11, least: 1, most: 10, histogram: { 1: 1, 8: 1 } });
    const store = all.memory.accesses[0];
    expect(store).to.deep.include({ op: 'i32.store', writes: 11, reads: 0, bytes: 44, least: 16, most: 91 });
    expect(store?.strides).to.deep.equal({ 8: 9, '-72': 1 });
    // Bytes 16 to 91: two lines of one page.
    expect(all.memory).to.include({ lines: 2, pages: 1, bytesWritten: 44 });
    expect(all.branches.find((b) => b.op === 'if')?.outcomes).to.deep.equal([1, 10]);
    const divisor = all.values.find((v) => v.what === 'divisor');
    expect(divisor).to.deep.include({ count: 11, values: [['3', 11]], other: 0 });
    const parameter = all.values.find((v) => v.place.startsWith('$malloc'));
    expect(parameter).to.deep.include({ what: 'parameter 0', count: 10, values: [['24', 10]] });
    expect(all.allocation.growth.map(({ by, before }) => [by, before])).to.deep.equal([
      [1, 1],
      [7, -1],
      [1, 2],
      [7, -1],
    ]);
    expect(all.allocation.allocators[0]).to.deep.include({ name: 'malloc', calls: 10, histogram: { 16: 10 } });
    expect(all.mix.opcodes['i32.rem_u']).to.equal(11);
    expect(all.pairs.pairs['i32.rem_u call_indirect']).to.equal(11);
    // The branch behind the if's condition, the else, and its end.
    expect(all.pairs.pairs['if else']).to.equal(10);
    expect(all.coverage.every((f) => f.entries > 0)).to.equal(true);
    const run = all.coverage.find((f) => f.name === 'run');
    expect(run?.branches).to.deep.equal({ all: 6, taken: 5 });
  });

  it('have names that are known, and are listed once', async () => {
    expect(new Set(MONITORS.map((m) => m.name)).size).to.equal(MONITORS.length);
    expect(MONITORS.length).to.be.at.least(10);
    expect((await loadMonitors('mix,pairs')).map((m) => m.name)).to.deep.equal(['mix', 'pairs']);
  });
});
