/** Guests that suspend while the host's promises are pending: activations interleave, in all modes as natively. */
import { expect } from 'chai';
import { instantiateSync, type Options } from '../../src/index.ts';
import { MODES } from '../modes/modes.ts';
import { watAll } from './text.ts';

const BYTES = watAll(
  `(module
  (type $cell (struct (field (mut i32))))
  (import "m" "wait" (func $wait (param i32) (result i32)))
  (import "m" "note" (func $note (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $g (export "g") (mut i32) (i32.const 0))
  (table $t 2 funcref)
  (elem (table $t) (i32.const 0) func $step $wait)
  (type $unary (func (param i32) (result i32)))
  (func $work (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (i32.xor (local.get $i) (local.get $n))))
      (i32.store (i32.and (local.get $i) (i32.const 252)) (local.get $s))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
    (local.get $s))
  (func $step (type $unary) (i32.add (call $work (local.get 0)) (i32.const 1)))
  (func $deep (param $n i32) (param $x i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (local.get $n) (call $deep (i32.sub (local.get $n) (i32.const 1)) (i32.add (local.get $x) (i32.const 3)))))
      (else (call $wait (local.get $x)))))
  (func (export "run") (param $id i32) (param $n i32) (result i32) (local $i i32) (local $s i32) (local $c (ref null $cell))
    (local.set $c (struct.new $cell (local.get $id)))
    (loop $l
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (call $work (local.get $s))))
      (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 4)))
        (then (local.set $s (i32.add (local.get $s) (call $wait (i32.add (local.get $id) (local.get $i)))))))
      (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 7)))
        (then (local.set $s (i32.add (local.get $s) (call $deep (local.get $i) (local.get $id))))))
      (local.set $s (i32.add (local.get $s)
        (call_indirect $t (type $unary) (local.get $i) (i32.eq (i32.rem_u (local.get $i) (i32.const 9)) (i32.const 5)))))
      (global.set $g (i32.add (global.get $g) (local.get $s)))
      (struct.set $cell 0 (local.get $c) (i32.add (struct.get $cell 0 (local.get $c)) (local.get $i)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.add (struct.get $cell 0 (local.get $c)) (i32.add (local.get $s) (call $note (local.get $id)))))
  (func (export "plain") (param $n i32) (result i32) (call $work (local.get $n)))
  (func (export "catching") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (block $failed (result exnref)
        (local.set $s (i32.add (local.get $s) (try_table (result i32) (catch_all_ref $failed) (call $deep (i32.const 3) (local.get $i)))))
        (br $l (br_if 1 (i32.gt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
      (drop)
      (local.set $s (i32.add (local.get $s) (i32.const 1000)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s)))`.replace(
    /\(br \$l \(br_if 1 [^\n]*\n/,
    `(br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
        (return (local.get $s)))
`,
  ),
);

type Func = (...args: number[]) => number;

/** Everything that the host sees of a few activations that run at the same time. */
async function observe(options: Partial<Options> | null): Promise<{ seen: string[]; coverage: number }> {
  const seen: string[] = [];
  let exports: WebAssembly.Exports = {};
  const wait = async (n: number): Promise<number> => {
    seen.push(`wait ${n}`);
    // The order in which activations go on is not that in which they stopped.
    for (let ticks = (n * 7) % 11; ticks > 0; ticks--) await null;
    if (n % 13 === 12) throw new Error(`refused ${n}`);
    seen.push(`goes on ${n}`);
    return n * 2;
  };
  const note = (n: number): number => {
    seen.push(`note ${n} ${(exports.plain as Func)(n)}`);
    return n;
  };
  const imports = { m: { wait: new WebAssembly.Suspending(wait), note } };
  const opened = options && instantiateSync(BYTES, imports, options);
  const instance = opened?.instance ?? new WebAssembly.Instance(new WebAssembly.Module(BYTES), imports);
  ({ exports } = instance);
  expect(opened?.machine.nativeReason ?? null).to.equal(null);
  const call = async (name: string, ...args: number[]) => {
    try {
      seen.push(`${name} ${args} = ${await WebAssembly.promising(exports[name])(...args)}`);
    } catch (error) {
      seen.push(`${name} ${args} throws ${String(error)}`);
    }
  };
  await Promise.all([call('run', 100, 3), call('run', 200, 30), call('run', 5, 17), call('catching', 30)]);
  await call('run', 300, 40);
  await Promise.all(Array.from({ length: 9 }, (_, i) => call(i === 4 ? 'catching' : 'run', 40 * i + 1, 3 * i + 1)));
  seen.push(`plain ${(exports.plain as Func)(5)}`);
  try {
    (exports.run as Func)(1, 1);
  } catch (error) {
    seen.push(String(error));
  }
  seen.push(`globals ${(exports.g as WebAssembly.Global).value}`);
  return { seen, coverage: opened?.machine.stats().instructions.coverage ?? 0 };
}

describe('suspending guests', () => {
  it('interleave as natively', async () => {
    const native = await observe(null);
    expect(native.seen.filter((s) => s.startsWith('goes on')).length).to.be.greaterThan(50);
    expect(native.seen.join('\n')).to.match(/throws Error: refused/);
    for (const [mode, options] of Object.entries(MODES)) {
      if (options === null) continue;
      const { seen, coverage } = await observe(options);
      expect(seen.join('\n'), mode).to.equal(native.seen.join('\n'));
      if (mode === 'eager') expect(coverage).to.be.greaterThan(0.8);
    }
  });
});
