/** Activations that move out of loops: nobody can tell, whatever they do afterwards. */
import { expect } from 'chai';
import { instantiateSync } from '../../src/index.ts';
import { resolveOptions } from '../../src/options.ts';
import { createProbed } from '../../src/osr/guest.ts';
import { findSites } from '../../src/osr/loops.ts';
import { FIRST_BUDGET, NativeTier } from '../../src/osr/tier.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { expectAllModesEqual, type Host, noImports, type Step } from '../modes/harness.ts';
import type { ModeName } from '../modes/modes.ts';
import { watAll } from '../proposals/text.ts';

const WAYS = ['native', 'moved', 'movedLate', 'movedToMachine', 'trace'] as const satisfies ModeName[];

/** Runs in all ways; activations must have moved. */
function equal(bytes: Uint8Array, host: () => Host, steps: readonly Step[]): void {
  const runs = expectAllModesEqual(bytes, host, steps, WAYS);
  for (const way of ['moved', 'movedLate', 'movedToMachine'] as const) {
    const { nativeFirst } = runs[way].machine!.stats();
    const moved = nativeFirst!.moved.reduce((sum, site) => sum + site.activations, 0);
    expect(moved, `activations in ${way}`).to.be.greaterThan(0);
  }
}

/** n trips of a loop around a body; $i counts down. */
const loop = (body: string) => `(loop $l ${body} (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;

describe('moved activations', () => {
  it('have all locals, of every type', () => {
    const bytes = watAll(`(module
      (func (export "f") (param $i i32) (param $r externref) (result i32 i64 f32 f64 externref)
        (local $a i64) (local $b f32) (local $c f64) (local $v v128) (local $z i64)
        (local.set $a (i64.const -3)) (local.set $b (f32.const 1.5)) (local.set $c (f64.const -0.0))
        (local.set $v (v128.const i32x4 1 2 3 4))
        ${loop(`(local.set $a (i64.mul (local.get $a) (i64.const 5)))
          (local.set $b (f32.add (local.get $b) (f32.convert_i32_s (local.get $i))))
          (local.set $c (f64.sub (local.get $c) (f64.convert_i64_s (local.get $a))))
          (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $i))))`)}
        (i32x4.extract_lane 2 (local.get $v)) (i64.add (local.get $a) (local.get $z)) (local.get $b) (local.get $c)
        (local.get $r)))`);
    equal(bytes, noImports, [
      ['f', 1, 'x'],
      ['f', 9, null],
      ['f', 50, 7],
    ]);
  });

  it('go on behind blocks, in arms of ifs and through br_table', () => {
    const bytes = watAll(`(module (memory (export "m") 1)
      (func (export "f") (param $i i32) (param $way i32) (result i32) (local $sum i32)
        (block $out (result i32)
          (block $three
            (block $two
              (if (result i32) (i32.and (local.get $way) (i32.const 1))
                (then
                  ${loop(`(local.set $sum (i32.add (local.get $sum) (local.get $i)))
                    (block $none (br_table $none $two $three $none
                      (i32.sub (local.get $way) (local.get $sum))))`)}
                  (i32.const 100))
                (else
                  (if (i32.const 1) (then ${loop('(local.set $sum (i32.xor (local.get $sum) (local.get $i)))')})
                    (else (unreachable)))
                  (if (i32.gt_s (local.get $sum) (i32.const 3)) (then (br $out (i32.const 7) )) (else (nop)))
                  (i32.const 200)))
              (local.set $sum (i32.add (local.get $sum)))
              (i32.store (i32.const 8) (local.get $sum))
              (br $out (local.get $sum)))
            (br $out (i32.const -2)))
          (i32.const -3))))`);
    const steps: Step[] = [];
    for (const way of [0, 1, 2, 3, 5, 8, 13, 21]) for (const n of [1, 2, 5, 12]) steps.push(['f', n, way]);
    equal(bytes, noImports, steps);
  });

  it('come out of small loops with results, far out, and through labels that grow', () => {
    const deep = 124;
    const bytes = watAll(`(module (memory (export "m") 1)
      (func (export "result") (param $i i32) (result i64 i32) (local $s i64)
        (block $out (result i64 i32)
          (loop $l (result i64 i32)
            (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 3)) (i64.const 1)))
            (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1))))
            (if (i64.gt_u (local.get $s) (i64.const 1000000))
              (then (br $out (i64.const -1) (i32.const 5))))
            (local.get $s) (i32.const 6))))
      (func (export "far") (param $i i32) (param $way i32) (result i32) (local $s i32)
        (block $far ${'(block '.repeat(deep)}
          (loop $l
            (local.set $s (i32.add (local.get $s) (local.get $i)))
            (block $in (br_table $in $far 4 $in (i32.sub (local.get $s) (local.get $way))))
            (br_if $far (i32.eq (local.get $s) (i32.const 91)))
            (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1))))
            (if (i32.eq (local.get $way) (i32.const 3)) (then (return (i32.const -9)))))
          (local.set $s (i32.add (local.get $s) (i32.const 1000)))
          ${')'.repeat(deep)}
          (local.set $s (i32.add (local.get $s) (i32.const 100000))))
        (local.get $s)))`);
    const steps: Step[] = [];
    for (const n of [1, 2, 9, 60]) steps.push(['result', n]);
    for (const way of [3, 4, 14, 50, 1000]) for (const n of [2, 5, 14]) steps.push(['far', n, way]);
    equal(bytes, noImports, steps);
  });

  it('leave a loop inside another one for its next trip, its end, and far beyond', () => {
    // The middle loop is reached three times before the outer one is.
    const inner = (n: string, body: string) =>
      `(local.set $k (i32.const 3))
       (loop ${n} ${body} (br_if ${n} (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))`;
    const bytes = watAll(`(module (tag $t (param i32))
      (func $maybe (param $x i32) (if (i32.eq (i32.rem_s (local.get $x) (i32.const 37)) (i32.const 5))
        (then (throw $t (local.get $x)))))
      (func (export "f") (param $i i32) (param $way i32) (result i32)
        (local $j i32) (local $k i32) (local $sum i32) (local $ret i32)
        (block $far (result i32)
          (block $near
            (block $caught (result i32)
              (local.set $ret (loop $o (result i32)
                (local.set $i (i32.sub (local.get $i) (i32.const 1)))
                (if (i32.lt_s (local.get $i) (i32.const -3)) (then (br $far (local.get $sum))))
                (local.set $sum (i32.add (local.get $sum) (i32.const 10)))
                (local.set $j (i32.const 4))
                (block $skip
                  (if (i32.and (local.get $i) (i32.const 1))
                    (then
                      (loop $m
                        ${inner('$n', '(local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (local.get $j))))')}
                        (drop (br_if $far (local.get $sum)
                          (i32.and (i32.eq (local.get $way) (i32.const 5)) (i32.gt_s (local.get $sum) (i32.const 200)))))
                        (block $none (br_table $none $skip $o $near $none
                          (select (local.get $way) (i32.const 0) (i32.lt_s (local.get $j) (i32.const 2)))))
                        (try_table (catch $t $caught)
                          (if (i32.eq (local.get $way) (i32.const 4)) (then (call $maybe (local.get $sum)))))
                        (br_if $m (local.tee $j (i32.sub (local.get $j) (i32.const 1))))))
                    (else
                      (loop $m
                        ${inner('$n', '(local.set $sum (i32.xor (local.get $sum) (local.get $j)))')}
                        (br_if $m (local.tee $j (i32.sub (local.get $j) (i32.const 1))))))))
                (if (i32.eq (local.get $way) (i32.const 6)) (then (return (local.get $sum))))
                (br_if $o (i32.gt_s (local.get $i) (i32.const 0)))
                (i32.const 1000)))
              (br $far (i32.add (local.get $sum) (local.get $ret))))
            (br $far (i32.add (i32.const -7))))
          (i32.sub (i32.const 0) (local.get $sum)))))`);
    const late = instantiateSync(bytes, {}, { nativeFirst: 'on', moveAfter: 3 });
    (late.instance.exports.f as (i: number, way: number) => number)(8, 0);
    const inside = findSites(decodeModule(bytes)).flatMap((s) =>
      s.sites.filter((site) => site.outer).map((site) => site.at),
    );
    expect(inside).to.have.length(2);
    const { moved } = late.machine.stats().nativeFirst!;
    expect(moved.some(({ offset, activations }) => inside.includes(offset) && activations > 0)).to.equal(true);
    const steps: Step[] = [];
    for (const way of [0, 1, 2, 3, 4, 5, 6]) for (const n of [1, 2, 4, 5, 12, 40]) steps.push(['f', n, way]);
    equal(bytes, noImports, steps);
  });

  it('trap as they would have', () => {
    const bytes = watAll(`(module (memory 1) (table 1 funcref)
      (func (export "load") (param $i i32) (result i32) (local $p i32)
        ${loop('(local.set $p (i32.load (i32.mul (local.get $i) (i32.const 30000))))')} (local.get $p))
      (func (export "divide") (param $i i32) (result i32) (local $p i32)
        ${loop('(local.set $p (i32.div_s (i32.const 7) (i32.sub (local.get $i) (i32.const 3))))')} (local.get $p))
      (func (export "indirect") (param $i i32)
        ${loop('(call_indirect (i32.sub (local.get $i) (i32.const 1)))')})
      (func $deep (export "deep") (param $i i32) (local $n i32)
        (local.set $n (local.get $i)) ${loop('(call $deep (local.get $n))')}))`);
    equal(bytes, noImports, [
      ['load', 1],
      ['load', 5],
      ['divide', 2],
      ['divide', 5],
      ['indirect', 4],
      ['deep', 3],
    ]);
  });

  it('call the host, which enters the guest again', () => {
    const bytes = watAll(`(module
      (import "m" "again" (func $again (param i32) (result i32)))
      (global $depth (export "depth") (mut i32) (i32.const 0))
      (func (export "f") (param $i i32) (result i32) (local $sum i32)
        (if (i32.gt_s (global.get $depth) (i32.const 3)) (then (return (i32.const 1))))
        (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
        ${loop('(local.set $sum (i32.add (local.get $sum) (call $again (local.get $i))))')}
        (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
        (local.get $sum)))`);
    const host = (): Host => {
      let exports: WebAssembly.Exports = {};
      return {
        imports: { m: { again: (n: number) => (exports.f as (n: number) => number)(n) } },
        attach(e) {
          exports = e;
        },
      };
    };
    equal(bytes, host, [
      ['f', 1],
      ['f', 4],
      ['f', 6],
    ]);
  });

  it('throw out of themselves and catch what is theirs, once', () => {
    const bytes = watAll(`(module
      (import "m" "maybe" (func $maybe (param i32) (result i32)))
      (tag $t (param i32)) (tag $u)
      (func $f (export "f") (param $i i32) (result i32) (local $sum i32)
        (block $caught (result i32)
          (block $other
            (try_table (catch $t $caught) (catch $u $other)
              ${loop(`(local.set $sum (i32.add (local.get $sum) (call $maybe (local.get $i))))
                (if (i32.eq (local.get $i) (i32.const 4)) (then (throw $t (local.get $sum))))
                (if (i32.eq (local.get $i) (i32.const 7)) (then (throw $u)))`)}))
          ;; Thrown behind the handlers: these do not see it.
          (throw $t (i32.const 5)))
        (i32.add (i32.const 1000)))
      (func (export "g") (param $i i32) (result i32) (local $sum i32)
        ${loop('(local.set $sum (block $c (result i32) (try_table (result i32) (catch $t $c) (call $f (local.get $i)))))')}
        (local.get $sum)))`);
    const host = (): Host => ({
      imports: {
        m: {
          maybe(n: number) {
            if (n === 11) throw new RangeError('eleven');
            return n;
          },
        },
      },
    });
    equal(bytes, host, [
      ['f', 2],
      ['f', 4],
      ['f', 6],
      ['f', 9],
      ['f', 13],
      ['g', 3],
      ['g', 9],
      ['g', 12],
    ]);
  });

  it('end in tail calls', () => {
    const bytes = watAll(`(module (table funcref (elem $odd))
      (type $t (func (param i32 i64) (result i64)))
      (func $even (export "f") (param $n i32) (param $x i64) (result i64) (local $i i32)
        (local.set $i (i32.add (i32.const 1) (i32.const 2)))
        ${loop('(local.set $x (i64.add (local.get $x) (i64.const 1)))')}
        (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
        (return_call_indirect (type $t) (i32.sub (local.get $n) (i32.const 1)) (local.get $x) (i32.const 0)))
      (func $odd (type $t) (local $i i32)
        (local.set $i (i32.add (i32.const 1) (i32.const 1)))
        ${loop('(local.set 1 (i64.mul (local.get 1) (i64.const 3)))')}
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call $even (i32.sub (local.get 0) (i32.const 1)) (local.get 1))))`);
    equal(bytes, noImports, [
      ['f', 0, 1n],
      ['f', 7, 1n],
      ['f', 100_000, 1n],
    ]);
  });

  it('move in the start function', () => {
    const bytes = watAll(`(module (global $g (export "g") (mut i32) (i32.const 0)) (start $s)
      (func $s (local $i i32) (local.set $i (i32.add (i32.const 4) (i32.const 5)))
        ${loop('(global.set $g (i32.add (global.get $g) (local.get $i)))')}))`);
    equal(bytes, noImports, []);
  });

  it('use memories with 64-bit addresses, several memories and shared ones', () => {
    const bytes = watAll(`(module (memory $a i64 1) (memory $b (export "b") 1 2) (memory $c 1 1 shared)
      (func (export "f") (param $i i32) (result i64) (local $sum i64)
        ${loop(`(i64.store $a (i64.extend_i32_u (local.get $i)) (i64.const 77))
          (i32.store8 $b (local.get $i) (local.get $i))
          (drop (i32.atomic.rmw.add $c (i32.const 0) (local.get $i)))
          (local.set $sum (i64.add (local.get $sum) (i64.load $a (i64.extend_i32_u (local.get $i)))))`)}
        (drop (memory.grow $b (i32.const 1)))
        (i64.add (local.get $sum) (i64.extend_i32_u (i32.atomic.load $c (i32.const 0))))))`);
    equal(bytes, noImports, [
      ['f', 5],
      ['f', 40],
    ]);
  });

  it('suspend and go on', async function () {
    const { Suspending, promising } = WebAssembly as unknown as {
      Suspending?: new (f: unknown) => never;
      promising(f: unknown): (n: number) => Promise<number>;
    };
    if (!Suspending) this.skip();
    const bytes = watAll(`(module (import "m" "wait" (func $wait (param i32) (result i32)))
      (func (export "f") (param $i i32) (result i32) (local $sum i32)
        ${loop('(local.set $sum (i32.add (local.get $sum) (call $wait (local.get $i))))')} (local.get $sum)))`);
    const imports = () => ({ m: { wait: new Suspending(async (n: number) => n * n) } });
    const native = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports());
    for (const moveAfter of [1, 2]) {
      const { instance, machine } = instantiateSync(bytes, imports(), { nativeFirst: 'on', moveAfter });
      // Two at once, so that suspended activations interleave.
      const run = (exports: WebAssembly.Exports) => Promise.all([promising(exports.f)(5), promising(exports.f)(8)]);
      expect(await run(instance.exports)).to.deep.equal(await run(native.exports));
      expect(machine.stats().nativeFirst!.moved[0]!.activations).to.equal(2);
    }
  });

  it('keep functions what they are: names, identity, tables', () => {
    const bytes = watAll(`(module (table (export "t") 2 funcref) (elem (i32.const 0) $f)
      (func $f (export "f") (param $i i32) (result i32) (local $x i32)
        ${loop('(local.set $x (i32.add (local.get $x) (i32.const 2)))')} (local.get $x))
      (func (export "call") (param i32) (result i32) (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))`);
    const look: Step = (x) => {
      const table = x.t as WebAssembly.Table;
      const f = x.f as () => void;
      return [table.get(0) === f, f.name, f.length, Object.keys(x).join()];
    };
    equal(bytes, noImports, [look, ['f', 5], ['call', 6], (x) => (x.t as WebAssembly.Table).set(1, x.f), look]);
  });
});

describe('traps in the native-first tier', () => {
  const bytes = watAll(`(module (memory 1)
    (func $f (export "f") (param $i i32) (result i32) (local $p i32)
      (if (i32.eq (local.get $i) (i32.const 99)) (then (unreachable)))
      ${loop('(local.set $p (i32.load (i32.mul (local.get $i) (i32.const 30000))))')}
      (i32.div_s (local.get $i) (local.get $p)))
    (func $leaf (param i32) (result i32) (i32.div_u (i32.const 10) (local.get 0)))
    (func (export "h") (param $i i32) (local $n i32) (local.set $n (local.get $i))
      ${loop('(local.set $n (i32.sub (local.get $n) (call $leaf (i32.sub (local.get $i) (i32.const 2)))))')})
    (func $other (export "g") (param $i i32) ${loop('(drop (call $f (local.get $i)))')}))`);

  /** Function and offset in the guest's own module, by the host. */
  const natively = (call: (x: WebAssembly.Exports) => unknown): string => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    try {
      call(exports);
    } catch (error) {
      const m = /wasm-function\[(\d+)\]:0x([0-9a-f]+)/.exec((error as Error).stack!)!;
      return `${m[1]}+${m[2]}`;
    }
    throw new Error('no trap');
  };

  for (const [moveAfter, moveTo] of [
    [0, 'auto'],
    [1, 'native'],
    [2, 'native'],
    [1, 'machine'],
    [2, 'machine'],
  ] as const) {
    it(`are where they were, moving after ${moveAfter}, ${moveTo}`, () => {
      for (const [name, arg] of [
        ['f', 99],
        ['f', 5],
        ['f', 1],
        ['g', 4],
        ['g', 2],
        ['h', 2],
        ['h', 6],
      ] as const) {
        const call = (x: WebAssembly.Exports) => (x[name] as (n: number) => unknown)(arg);
        const { instance, machine } = instantiateSync(bytes, {}, { nativeFirst: 'on', moveAfter, moveTo });
        try {
          call(instance.exports);
        } catch (error) {
          const at = machine.place(error)!;
          expect(`${at.func}+${at.offset.toString(16)}`, `${name}(${arg})`).to.equal(natively(call));
          continue;
        }
        expect.fail('no trap');
      }
    });
  }
});

describe('moved activations in loops with loops inside', () => {
  /** A trap in that trip of the loop $o, which is the outermost one or has one around it that makes three trips. */
  const bytes = watAll(`(module
    (import "m" "seen" (func $seen (param i32)))
    (func (export "outermost") (param $i i32) (param $bad i32) (result i32) (local $j i32) (local $sum i32)
      (loop $o
        (call $seen (local.get $i))
        (local.set $sum (i32.add (local.get $sum) (i32.div_s (i32.const 60) (i32.sub (local.get $i) (local.get $bad)))))
        (local.set $j (i32.const 3))
        (loop $in
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (local.get $j)))
          (br_if $in (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
        (br_if $o (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.get $sum))
    (func (export "inside") (param $n i32) (param $bad i32) (result i32)
      (local $i i32) (local $j i32) (local $k i32) (local $sum i32)
      (local.set $k (i32.const 3))
      (loop $out
        (local.set $i (local.get $n))
        (loop $o
          (call $seen (local.get $i))
          (local.set $sum (i32.add (local.get $sum)
            (i32.div_s (i32.const 60) (i32.sub (i32.mul (local.get $i) (local.get $k)) (local.get $bad)))))
          (local.set $j (i32.const 3))
          (loop $in
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (local.get $j)))
            (br_if $in (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
          (br_if $o (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (br_if $out (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (local.get $sum)))`);

  type Call = (n: number, bad: number) => number;
  /** The result or where it trapped, and the code of each trip by the name of its module. */
  const run = (name: string, n: number, bad: number, moveAfter: number) => {
    const codes: string[] = [];
    const seen = () => codes.push(/wynamo\.(rest|base)/.exec(new Error().stack!)?.[1] ?? 'guest');
    const { instance, machine } = instantiateSync(
      bytes,
      { m: { seen } },
      { nativeFirst: 'on', moveTo: 'native', moveAfter },
    );
    try {
      return { result: (instance.exports[name] as Call)(n, bad), codes, place: undefined };
    } catch (error) {
      return { result: undefined, codes, place: machine.place(error)!.offset };
    }
  };

  it('try the optimizing compiler and the baseline compiler', () => {
    for (const name of ['outermost', 'inside']) {
      const { codes } = run(name, 9, 100, 3);
      const order = codes.filter((code, i) => code !== codes[i - 1]);
      expect(order, name).to.deep.equal(['guest', 'rest', 'base', 'rest']);
    }
    // The budget goes along into the next trip of the loop around it.
    const { codes } = run('inside', 1, 100, 1);
    expect(codes).to.deep.equal(['rest', 'base', 'rest']);
  });

  it('have the same results, and trap at the same place in each of them', () => {
    for (const name of ['outermost', 'inside'])
      for (const moveAfter of [1, 2, 3])
        for (let bad = 0; bad < 28; bad++) {
          const own = run(name, 9, bad, moveAfter);
          const before = run(name, 9, bad, 1000);
          expect(own.result, `${name} ${bad}`).to.equal(before.result);
          expect(own.place, `${name} ${bad}`).to.equal(before.place);
        }
  });
});

describe('the native-first tier by the clock', () => {
  /** Milliseconds in a loop before which no activation is worth moving. */
  const HOT = 2;

  it('moves an activation that stays in its loop, and only such', () => {
    const bytes = watAll(`(module (import "m" "more" (func $more (result i32)))
      (func (export "long") (result i32) (local $n i32)
        (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (call $more)))
        (local.get $n))
      (func (export "short") (param $i i32) ${loop('(drop (local.get $i))')}))`);
    const end = Date.now() + 20_000;
    let trips = 0;
    const moved = () => machine.stats().nativeFirst!.moved.reduce((sum, site) => sum + site.activations, 0);
    const more = () => (++trips % 64 !== 0 || (moved() === 0 && Date.now() < end) ? 1 : 0);
    let { instance, machine } = instantiateSync(bytes, { m: { more } }, { nativeFirst: 'on' });
    // Nobody has stayed where all of them together took no time. On a busy machine a call may be interrupted for longer.
    for (let attempt = 1; ; attempt++) {
      const { short } = instance.exports as Record<string, (n: number) => number>;
      const began = performance.now();
      for (let i = 0; i < 200; i++) short!(3);
      if (performance.now() - began < HOT) break;
      expect(attempt).to.be.below(100);
      ({ instance, machine } = instantiateSync(bytes, { m: { more } }, { nativeFirst: 'on' }));
    }
    expect(moved()).to.equal(0);
    expect((instance.exports.long as () => number)()).to.equal(trips);
    expect(moved()).to.equal(1);
  });
});

describe('looks at what could be made of a loop', () => {
  it('come ever later where nothing came of earlier ones', () => {
    const functions = Array.from({ length: 40 }, (_, i) => `(func (export "f${i}") (loop $l (br_if $l (call $more))))`);
    const module = decodeModule(watAll(`(module (import "m" "more" (func $more (result i32))) ${functions.join('')})`));
    const executed = () => process.threadCpuUsage().user / 1000;
    let end = 0;
    const more = () => (executed() < end ? 1 : 0);
    const guest = createProbed(module, { m: { more } }, findSites(module), 2 * FIRST_BUDGET);
    const tier = new NativeTier(guest, resolveOptions({ nativeFirst: 'on', moveTo: 'machine' }));
    guest.connect((site, left) => tier.ask(site, left));
    for (const f of Object.values(guest.instance.exports)) {
      // Longer than a first look waits, and too short for a machine.
      end = executed() + 10;
      if (typeof f === 'function') f();
    }
    expect(tier.sites.filter((site) => site.worth > 0).length).to.be.within(1, 20);
  });
});

describe('machines in the native-first tier, by the clock', () => {
  it('are for activations that are each too short to have waited for one', function () {
    this.timeout(120_000);
    const bytes = watAll(`(module (memory 1)
      (func (export "f") (param $i i32) (local $p i32)
        ${loop(`(local.set $p (i32.const 0))
          (loop $in
            (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.const 3)))
            (br_if $in (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 8192))))`)}))`);
    const { instance, machine } = instantiateSync(bytes, {}, { nativeFirst: 'on' });
    const moved = () => machine.stats().nativeFirst!.moved.some((site) => site.machine && site.activations > 0);
    const f = instance.exports.f as (n: number) => void;
    for (const end = Date.now() + 100_000; !moved() && Date.now() < end; ) f(12_000);
    expect(moved()).to.equal(true);
  });
});

describe('machines in the native-first tier', () => {
  /** n rounds of a loop over arrays, by hand: one that may become vectors, or one that depends on what it reads. */
  const rounds = (inner: string) =>
    watAll(`(module (memory (export "memory") 4)
      (func (export "f") (param $i i32) (result i32) (local $p i32)
        ${loop(`(local.set $p (i32.const 0)) ${inner}`)}
        (i32.load (i32.const 400))))`);
  const ADDS = `(loop $in
    (i32.store offset=4096 (local.get $p) (i32.add (i32.load offset=4096 (local.get $p)) (i32.load (local.get $p))))
    (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.const 3)))
    (br_if $in (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 4096))))`;
  const SEARCHES = `(loop $in
    (br_if $in (i32.eqz (i32.load (local.tee $p (i32.add (local.get $p) (i32.const 4)))))))`;

  it('count as translated while they are made, which is no compiling', () => {
    const time = (moveTo: 'native' | 'machine') => {
      const options = { nativeFirst: 'on', moveAfter: 2, moveTo, maxFragments: 0 } as const;
      const { instance, machine } = instantiateSync(rounds(ADDS), {}, options);
      (instance.exports.f as (n: number) => number)(40);
      const { compile, translate } = machine.stats().time_ms;
      return [compile > 0, translate > 0];
    };
    expect(time('native')).to.deep.equal([true, false]);
    expect(time('machine')).to.deep.equal([false, true]);
  });

  const moved = (inner: string, moveTo: 'auto' | 'native' | 'machine') => {
    const bytes = rounds(inner);
    const fresh = () => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const { instance, machine } = instantiateSync(bytes, {}, { nativeFirst: 'on', moveAfter: 2, moveTo });
    const run = (x: WebAssembly.Exports) => {
      const memory = new Uint32Array((x.memory as WebAssembly.Memory).buffer);
      memory[40_000] = 1;
      for (let i = 0; i < 3; i++) (x.f as (n: number) => number)(400);
      return [...memory.subarray(0, 2048)];
    };
    expect(run(instance.exports)).to.deep.equal(run(fresh()));
    return machine.stats().nativeFirst!.moved.map((site) => site.machine);
  };

  it('run loops that may become vectors, and only these', () => {
    expect(moved(ADDS, 'auto')).to.deep.equal([true]);
    expect(moved(SEARCHES, 'auto')).to.deep.equal([false]);
    expect(moved(ADDS, 'native')).to.deep.equal([false]);
    expect(moved(SEARCHES, 'machine')).to.deep.equal([true]);
  });

  it('find globals that others see at every moment', () => {
    const bytes = watAll(`(module
      (import "env" "see" (func $see (param i32)))
      (global $g (export "g") (mut i32) (i32.const 3)) (global $h (export "h") (mut f64) (f64.const -0.0))
      (global $r (mut externref) (ref.null extern)) (global $c i64 (i64.const 9))
      (func $inner (param $i i32)
        ${loop(`(global.set $g (i32.add (global.get $g) (local.get $i)))
          (global.set $h (f64.div (f64.const 1) (global.get $h)))`)})
      (func (export "f") (param $i i32) (param $x externref) (result i32 f64 externref i64)
        ${loop(`(global.set $r (local.get $x)) (call $inner (local.get $i)) (call $see (global.get $g))
          (if (i32.eq (global.get $g) (i32.const 24)) (then (unreachable)))`)}
        (global.get $g) (global.get $h) (global.get $r) (global.get $c)))`);
    const host = (): Host => ({ imports: { env: { see() {} } } });
    equal(bytes, host, [
      ['f', 3, 'x'],
      ['f', 1, null],
      ['f', 5, 7],
      ['f', 2, 'y'],
    ]);
  });

  it('keep variables in memory that pointers may reach, up to a trap', () => {
    // As LLVM writes it without optimization: k, n, q, step and a sum in a frame of the guest's memory.
    const get = (at: number) => `(i32.load offset=${at} (local.get $p))`;
    const set = (at: number, value: string) => `(i32.store offset=${at} (local.get $p) ${value})`;
    const element = `(i32.add ${get(20)} (i32.mul ${get(8)} ${get(24)}))`;
    const bytes = watAll(`(module (memory (export "m") 1) (global $sp (export "sp") (mut i32) (i32.const 2048))
      (func (export "f") (param $n i32) (param $q i32) (param $step i32) (result i32) (local $p i32) (local $trips i32)
        (local.set $p (i32.sub (global.get $sp) (i32.const 32)))
        ${set(8, '(i32.const 0)')} ${set(12, '(local.get $n)')} ${set(16, '(i32.const 1)')}
        ${set(20, '(local.get $q)')} ${set(24, '(local.get $step)')}
        (loop $l (block $out
          (br_if $out (i32.eqz (i32.lt_s ${get(8)} ${get(12)})))
          ;; Whose k is overwritten may go on for ever.
          (br_if $out (i32.gt_u (local.tee $trips (i32.add (local.get $trips) (i32.const 1))) (i32.const 60)))
          ${set(16, `(i32.add (i32.mul ${get(16)} (i32.const 31)) (i32.load ${element}))`)}
          (i32.store ${element} ${get(8)})
          ${set(8, `(i32.add ${get(8)} (i32.const 1))`)}
          (br $l)))
        ${get(16)}))`);
    const steps: Step[] = [];
    for (const n of [1, 2, 9, 40]) {
      for (const q of [64, 1960, 2000, 2024, 2028, 2032, 2036, 2040, 2044, 65480, 65533]) {
        for (const step of [4, 8]) steps.push(['f', n, q, step]);
      }
    }
    equal(bytes, noImports, steps);
  });
});
