/** Atomic accesses, shared memories, waiting and waking: equal in all modes, with another thread too. */
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { expectAllModesEqual, type Host, noImports, runWith } from '../modes/harness.ts';
import { watAll } from './text.ts';

/** Runs in another thread: answers each number that the guest writes, until that is -1. */
const ANSWER = `
  const { workerData } = require('node:worker_threads');
  const words = new Int32Array(workerData.buffer);
  for (let seen = 0; ; ) {
    Atomics.wait(words, 0, seen, 2000);
    seen = Atomics.load(words, 0);
    Atomics.store(words, 1, seen * 2);
    Atomics.notify(words, 1);
    if (seen === -1) break;
  }
`;

describe('threads', () => {
  it('read-modify-write of all widths in loops', () => {
    const bytes = watAll(`(module
      (memory (export "memory") 1 1 shared)
      (func (export "run") (param $n i32) (result i64) (local $i i32) (local $s i64) (local $a i32)
        (loop $l
          (local.set $a (i32.shl (i32.and (local.get $i) (i32.const 15)) (i32.const 3)))
          (drop (i32.atomic.rmw.add offset=8 (local.get $a) (local.get $i)))
          (local.set $s (i64.add (local.get $s) (i64.atomic.rmw.xor (local.get $a) (i64.const 0x1234567890))))
          (local.set $s (i64.add (local.get $s) (i64.extend_i32_u (i32.atomic.rmw8.sub_u offset=3 (local.get $a) (local.get $i)))))
          (local.set $s (i64.xor (local.get $s) (i64.atomic.rmw16.xchg_u offset=1026 (local.get $a) (local.get $s))))
          (i32.atomic.store16 offset=2 (local.get $a) (local.get $i))
          atomic.fence
          (local.set $s (i64.add (local.get $s) (i64.extend_i32_u
            (i32.atomic.rmw.cmpxchg offset=512 (local.get $a) (i32.atomic.load offset=512 (local.get $a)) (local.get $i)))))
          (local.set $s (i64.add (local.get $s) (i64.load (local.get $a))))
          (local.set $s (i64.add (local.get $s) (i64.atomic.load32_u (local.get $a))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $s))
      (func (export "at") (param i32) (result i32) (i32.atomic.load offset=2 (local.get 0)))
      (func (export "put") (param i32) (i64.atomic.store offset=8 (local.get 0) (i64.const 7)))
      (func (export "cas") (param i32) (result i32) (i32.atomic.rmw16.cmpxchg_u (local.get 0) (i32.const 1) (i32.const 2)))
      (func (export "each") (param $from i32) (param $step i32) (result i32) (local $s i32)
        (loop $l
          (local.set $s (i32.add (local.get $s) (i32.atomic.load16_u offset=6 (local.get $from))))
          (local.set $from (i32.add (local.get $from) (local.get $step)))
          (br_if $l (i32.lt_u (local.get $from) (i32.const 70000))))
        (local.get $s)))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['run', 300],
      ['at', 2],
      ['at', 0],
      ['at', 65534],
      ['at', 65532],
      ['at', -2],
      ['at', -1],
      ['put', 8],
      ['put', 9],
      ['put', 65528],
      ['cas', 1],
      ['cas', 65536],
      ['each', 0, 64],
      ['each', 65530, 1],
      ['each', 0, 2046],
    ]);
    expect(runs.native.steps[2]).to.equal('throws RuntimeError: operation does not support unaligned accesses');
    expect(runs.eager.machine?.stats().instructions.fragments).to.be.greaterThan(1000);
  });

  it('waiting and waking', () => {
    const bytes = watAll(`(module
      (memory $m (export "memory") 1 1 shared)
      (memory $own 1 1)
      (func (export "wait") (param i32 i32) (result i32) (memory.atomic.wait32 $m offset=4 (local.get 0) (local.get 1) (i64.const 1000)))
      (func (export "wait64") (param i32 i64) (result i32) (memory.atomic.wait64 $m (local.get 0) (local.get 1) (i64.const 0)))
      (func (export "notify") (param i32) (result i32) (memory.atomic.notify $m (local.get 0) (i32.const 3)))
      (func (export "own") (result i32) (memory.atomic.wait32 $own (i32.const 0) (i32.const 0) (i64.const 0))))`);
    const runs = expectAllModesEqual(bytes, noImports, [
      ['wait', 0, 0],
      ['wait', 0, 1],
      ['wait', 2, 0],
      ['wait64', 0, 0n],
      ['wait64', 8, 1n],
      ['wait64', 65536, 1n],
      ['notify', 0],
      ['notify', 1],
      ['own'],
    ]);
    expect(runs.native.steps.slice(0, 2)).to.deep.equal(['2', '1']);
  });

  it('a guest that waits forever can be stopped, and waits as long as it should', () => {
    const bytes = watAll(`(module
      (memory 1 1 shared)
      (func (export "wait") (param i64) (result i32) (memory.atomic.wait32 (i32.const 8) (i32.const 0) (local.get 0)))
      (func (export "unequal") (result i32) (memory.atomic.wait64 (i32.const 8) (i64.const 1) (i64.const -1))))`);
    const run = runWith(bytes, noImports, 'interp', { mode: 'interp', timeout: 300 }, [
      ['unequal'],
      ['wait', 25_000_000n],
      ['wait', 0n],
      ['wait', -1n],
    ]);
    run.machine?.dispose();
    expect(run.steps.slice(0, 3)).to.deep.equal(['1', '2', '2']);
    expect(run.steps[3]).to.match(/^throws TimeoutError/);
  });

  it('what another thread writes is seen, in loops too', () => {
    const bytes = watAll(`(module
      (import "m" "memory" (memory 1 1 shared))
      (import "m" "start" (func $start))
      (func $ask (param $n i32) (result i32)
        (i32.atomic.store (i32.const 0) (local.get $n))
        (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
        (loop $spin (br_if $spin (i32.ne (i32.atomic.load (i32.const 4)) (i32.mul (local.get $n) (i32.const 2)))))
        (i32.load (i32.const 4)))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (call $start)
        (loop $l
          (local.set $s (i32.add (local.get $s) (call $ask (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
          (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
        (drop (call $ask (i32.const -1)))
        (local.get $s)))`);
    const host = (): Host => {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      const start = () => {
        new Worker(ANSWER, { eval: true, workerData: { buffer: memory.buffer } });
      };
      return { imports: { m: { memory, start } } };
    };
    const runs = expectAllModesEqual(
      bytes,
      host,
      [['run', 20]],
      ['native', 'interp', 'trace', 'eager', 'force', 'linear'],
    );
    expect(runs.native.steps).to.deep.equal(['420']);
  });
});
