/**
 * Counts of instrumented guests: equal to those of the interpreter, which knows nothing of instrumentation, for all guests
 * and random modules; and the guests do what they do natively.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import type { Counts } from '../../src/instrument/counts.ts';
import { type InstrumentedRun, openInstrumented } from '../../src/instrument/open.ts';
import { parseWat } from '../../src/wasm/wat.ts';
import { generate } from '../fuzz/differ.ts';
import { makeHost } from '../fuzz/host.ts';
import { SIZES } from '../fuzz/plan.ts';
import { type Host, observeExports, show } from '../modes/harness.ts';
import { interpreted } from './interpreted.ts';
import { told } from './told.ts';

const HOMES = ['local', 'memory'] as const;
const open = (bytes: Uint8Array, host: Host, home: (typeof HOMES)[number] = 'local') => {
  const run = openInstrumented(Uint8Array.from(bytes), host.imports, { counts: true, home, observers: [] });
  host.attach?.(run.instance.exports);
  return run;
};

/** The interpreter's outcomes of a branch are those of the guest's, in either order: a condition may be inverted. */
const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b);

function expectEqual(counts: Counts, { stats, outcomes }: ReturnType<typeof interpreted>, label: string): void {
  const functions = Object.fromEntries(
    stats.functions.filter((f) => f.entries > 0).map((f) => [f.index, [f.entries, f.instructions]]),
  );
  expect(
    Object.fromEntries(counts.functions().map((f) => [f.func, [f.entries, f.instructions]])),
    `${label}: entries and instructions`,
  ).to.deep.equal(functions);
  const loops = counts.functions().flatMap((f) => f.loops);
  const heads = new Map(loops.map((l) => [`${l.func}:${l.offset}`, l.heads]));
  for (const l of stats.loops)
    expect(heads.get(`${l.func}:${l.offset}`) ?? 0, `${label}: loop at ${l.offset}`).to.equal(l.heads);
  expect(loops.reduce((sum, l) => sum + l.heads, 0)).to.equal(stats.loops.reduce((sum, l) => sum + l.heads, 0));
  for (const b of counts.functions().flatMap((f) => f.branches)) {
    const other = outcomes.get(`${b.func}:${b.offset}`) ?? [];
    // A branch with results to move is several instructions of the interpreter; a br_table has one for each target.
    if (other.length !== b.outcomes.length) continue;
    const all = b.outcomes.reduce((sum, n) => sum + n, 0);
    if (all === other.reduce((sum, n) => sum + n, 0))
      expect(sorted(b.outcomes), `${label}: ${b.op} at ${b.offset}`).to.deep.equal(sorted(other));
    else expect.fail(`${label}: ${b.op} at ${b.offset} was executed ${all} times, not ${other}`);
  }
}

describe('instrumented guests', () => {
  for (const row of GUESTS) {
    for (const build of row.builds) {
      it(`${row.name}.${build} is counted as in the interpreter`, () => {
        const bytes = new Uint8Array(readFileSync(wasmPath(row, build)));
        const expected = interpreted(bytes, makeImports(row), (exports) =>
          (exports.run as (n: number) => void)(row.sizes.small),
        );
        expect(expected.stats.instructions.total).to.be.greaterThan(1000);
        for (const home of HOMES) {
          const run = open(bytes, makeImports(row), home);
          expect(String((run.instance.exports.run as (n: number) => unknown)(row.sizes.small))).to.equal(
            row.expected.small,
          );
          expectEqual(run.counts(), expected, home);
          run.dispose();
        }
      });
    }
  }
});

/** What the host sees of the steps of a random module, and the run. Traps are told to the run where they end. */
function steps(
  bytes: Uint8Array,
  module: ReturnType<typeof generate>['module'],
  run: 'native' | (typeof HOMES)[number],
) {
  const host = makeHost();
  let opened: InstrumentedRun | null = null;
  const attach = host.attach as NonNullable<Host['attach']>;
  let exports: WebAssembly.Exports;
  if (run === 'native')
    exports = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), host.imports).exports;
  else {
    opened = openInstrumented(Uint8Array.from(bytes), host.imports, { counts: true, home: run, observers: [] });
    exports = opened.instance.exports;
  }
  // The host of random modules swallows traps of what it calls.
  const visible = told(exports, (error) => opened?.unwound(error));
  attach(visible);
  const results = module.steps.map((step) => {
    try {
      if (typeof step === 'function') return show(step(exports));
      const [name, ...args] = step;
      return show((visible[name] as (...args: unknown[]) => unknown)(...args));
    } catch (error) {
      return `throws ${show(error)}`;
    }
  });
  return { results: [...results, JSON.stringify(observeExports(exports))], run: opened };
}

describe('instrumented random modules', () => {
  it('do what they do natively, and are counted as in the interpreter', () => {
    let exact = 0;
    for (let seed = 700_000; seed < 700_060; seed++) {
      const { module } = generate(seed, SIZES.normal);
      const native = steps(module.bytes, module, 'native');
      const expected = interpreted(module.bytes, makeHost(), (exports) => {
        for (const step of module.steps) {
          try {
            if (typeof step === 'function') step(exports);
            else (exports[step[0]] as (...args: unknown[]) => unknown)(...step.slice(1));
          } catch (error) {
            if (!(error instanceof Error)) throw error;
          }
        }
      });
      const trapped = native.results.some((r) => r.startsWith('throws'));
      for (const home of HOMES) {
        const { results, run } = steps(module.bytes, module, home);
        expect(results, `seed ${seed}, ${home}`).to.deep.equal(native.results);
        const counts = (run as InstrumentedRun).counts();
        // The interpreter does not count the line that a trap ends.
        if (!trapped) expectEqual(counts, expected, `seed ${seed}, ${home}`);
        if (!trapped) exact++;
        run?.dispose();
      }
    }
    expect(exact).to.be.greaterThan(20);
  });
});

describe('instrumented code', () => {
  const wat = (text: string) => parseWat(text, 'test');
  const counts = (bytes: Uint8Array, call: (exports: WebAssembly.Exports) => void, host: Host = { imports: {} }) => {
    const run = open(bytes, host);
    call(run.instance.exports);
    run.dispose();
    return run.counts();
  };

  it('counts what handlers catch, and what goes through functions', async () => {
    const text = `(module (tag $e (param i32))
      (func $deep (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 5))))
        (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
      (func (export "run") (param i32) (result i32) (local i32)
        (loop $l
          (local.set 1 (i32.add (local.get 1) (block $caught (result i32)
            (try_table (result i32) (catch $e $caught) (call $deep (local.get 0))))))
          (br_if $l (i32.lt_u (local.get 1) (i32.const 50))))
        (local.get 1)))`;
    const bytes = await wat(text);
    const expected = interpreted(bytes, { imports: {} }, (exports) => (exports.run as (n: number) => void)(7));
    const got = counts(bytes, (exports) => expect((exports.run as (n: number) => unknown)(7)).to.equal(50));
    expect(expected.stats.functions.map((f) => f.entries)).to.include(80);
    expectEqual(got, expected, 'exceptions');
  });

  it('is exact where a host function throws', async () => {
    const text = `(module (import "env" "stop" (func $stop))
      (func $inner (param i32) (loop $l
        (if (i32.eq (local.get 0) (i32.const 3)) (then (call $stop)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "run") nop (call $inner (i32.const 9)) nop))`;
    for (const thrown of [new Error('stop'), Symbol('stop')]) {
      const env = {
        stop() {
          throw thrown;
        },
      };
      const call = (exports: WebAssembly.Exports) => {
        let caught: unknown;
        try {
          (exports.run as () => void)();
        } catch (error) {
          caught = error;
        }
        expect(caught).to.equal(thrown);
      };
      const got = counts(await wat(text), call, { imports: { env } });
      const { total } = interpreted(await wat(text), { imports: { env } }, call).stats.instructions;
      expect(got.functions().reduce((sum, f) => sum + f.instructions, 0)).to.equal(total);
      // nop, i32.const and call are done; what follows is not.
      expect(got.of(2)?.completed).to.deep.equal([1, 1, 1, 0, 0]);
      expect(got.of(1)?.loops[0]?.heads).to.equal(7);
    }
  });

  it('is exact where a trap ends it, up to the instruction that trapped', async () => {
    const text = `(module (memory 1)
      (func $inner (param i32) nop (drop (i32.load (local.get 0))) nop nop)
      (func (export "run") nop (call $inner (i32.const 0)) (call $inner (i32.const -1)) nop))`;
    const run = open(await wat(text), { imports: {} });
    try {
      (run.instance.exports.run as () => void)();
    } catch (error) {
      run.unwound(error);
    }
    run.dispose();
    const inner = run.counts().of(0);
    // nop, local.get, i32.load, drop, nop, nop, end: the second time only the first two.
    expect(inner?.completed).to.deep.equal([2, 2, 1, 1, 1, 1, 1]);
    expect(inner?.entries).to.equal(2);
    // nop, i32.const, call, i32.const, call are done; nop and end are not.
    expect(run.counts().of(1)?.completed).to.deep.equal([1, 1, 1, 1, 1, 0, 0]);
  });

  it('counts functions whose entries have no counter: called from many places, by themselves, in circles', async () => {
    const bytes = await wat(`(module
      (func $leaf (param i32) (result i32) (local.get 0))
      (func $once (param i32) (result i32) (call $leaf (call $leaf (local.get 0))))
      (func $tree (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (call $tree (i32.shr_u (local.get 0) (i32.const 1))) (call $tree (i32.shr_u (local.get 0) (i32.const 2)))))
          (else (call $once (i32.const 1)))))
      (func $even (param i32) (result i32)
        (if (result i32) (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
      (func $odd (param i32) (result i32)
        (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
      (func $never (result i32) (call $never))
      (func (export "run") (param i32) (result i32)
        (i32.add (call $tree (local.get 0)) (i32.add (call $even (local.get 0)) (call $leaf (i32.const 3))))))`);
    const call = (exports: WebAssembly.Exports) => {
      (exports.run as (n: number) => void)(100);
      (exports.run as (n: number) => void)(7);
    };
    const run = open(bytes, { imports: {} });
    call(run.instance.exports);
    run.dispose();
    expectEqual(run.counts(), interpreted(bytes, { imports: {} }, call), 'derived');
    // All but the exported one, one of $even and $odd, and $never, whose flow does not tell how often it calls itself.
    expect(run.code.derived.size).to.equal(4);
    expect(run.counts().of(5)).to.equal(null);
  });

  it('is exact where the stack overflows', async () => {
    const bytes = await wat(`(module (global (export "entered") (mut i32) (i32.const 0))
      (func $deep (param i64 i64 i64 i64)
        (global.set 0 (i32.add (global.get 0) (i32.const 1)))
        (call $deep (local.get 1) (local.get 2) (local.get 3) (local.get 0)))
      (func $outer (param i32) (if (local.get 0) (then (call $deep (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))))
      (func (export "run") (call $outer (i32.const 1))))`);
    const run = open(bytes, { imports: {} });
    for (let times = 0; times < 2; times++) {
      try {
        (run.instance.exports.run as () => void)();
        expect.fail('the stack is finite');
      } catch (error) {
        expect(error).to.be.instanceOf(RangeError);
        run.unwound(error);
      }
    }
    run.dispose();
    const counts = run.counts();
    expect(counts.of(0)?.entries).to.equal((run.instance.exports.entered as WebAssembly.Global).value);
    expect([counts.of(1)?.entries, counts.of(2)?.entries]).to.deep.equal([2, 2]);
    // What is behind the calls was never executed.
    expect(counts.of(2)?.completed.at(-1)).to.equal(0);
  });

  it('shows the exports of the guest only, and runs the start function', async () => {
    const run = open(
      await wat(
        '(module (global (export "g") (mut i32) (i32.const 1)) (func $s (global.set 0 (i32.const 2))) (start $s))',
      ),
      { imports: {} },
    );
    run.dispose();
    expect(Object.keys(run.instance.exports)).to.deep.equal(['g']);
    expect((run.instance.exports.g as WebAssembly.Global).value).to.equal(2);
    expect(run.counts().of(0)?.entries).to.equal(1);
  });
});
