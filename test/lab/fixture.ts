// Raw results made up for tests, and a small WASI command.
import type { Counts } from '../../src/lab/counts.ts';
import type { Result, Sample } from '../../src/lab/job.ts';
import type { Workload } from '../../src/lab/workload.ts';

export const WORKLOAD: Workload = {
  id: 'toy',
  suite: 'toys',
  tags: [],
  program: { kind: 'wasi', module: '/nowhere/toy.wasm', args: [], dirs: [] },
  files: [],
  sizes: null,
  expected: null,
};

export function sampleOf(calls: number[], more: Partial<Sample> = {}): Sample {
  return {
    open: 1,
    calls,
    outcome: { result: 'status 0', output: '-' },
    memory: null,
    iterate: 'again',
    cpu: 1,
    rss: 2 ** 20,
    ...more,
  };
}

export function result(config: string, measure: Result['measure'], more: Partial<Result> = {}): Result {
  return {
    workload: 'toy',
    config,
    measure,
    rep: 0,
    key: `${config} ${measure} ${more.rep ?? 0}`,
    date: '',
    site: 'here',
    wall: 0,
    ...more,
  };
}

/**
 * Writes one line and ends with a status that depends on memory and a global that earlier calls changed: right only from
 * a fresh state. `$grow` pages are added, too. With `proc_exit` the stack pointer is never put back.
 */
export const COMMAND = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $sp (mut i32) (i32.const 65536))
  (data (i32.const 16) "hello\\n")
  (func (export "_start") (local $i i32) (local $sum i32)
    (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
    (drop (memory.grow (i32.const 1)))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.and (local.get $i) (i32.const 31)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20000))))
    (i32.store (i32.const 24) (i32.add (i32.load (i32.const 24)) (i32.const 1)))
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 40)))
    (i32.store (i32.const 48) (local.get $sum))
    (call $exit (i32.add (i32.load (i32.const 24)) (i32.eqz (i32.eq (global.get $sp) (i32.const 65520)))))))`;

/** Counts of a run with two fragments. */
export const COUNTS = {
  instructions: { interpreter: 100, fragments: 900, total: 1000, coverage: 0.9 },
  traces: { recorded: 2, compiled: 2, aborted: {} },
  events: [],
  fragments: [
    {
      kind: 'root',
      loops: true,
      recorded: 10,
      irBefore: 20,
      irAfter: 15,
      bytes: 100,
      metadataBytes: 10,
      entries: 10,
      iterations: 90,
      instructions: 800,
      exits: [
        { count: 8, link: 2 },
        { count: 2, link: null },
      ],
    },
    {
      kind: 'side',
      loops: false,
      recorded: 5,
      irBefore: 10,
      irAfter: 10,
      bytes: 50,
      metadataBytes: 5,
      entries: 8,
      iterations: 0,
      instructions: 100,
      exits: [],
    },
  ],
  passes: [],
  cache: { bytes: 150, budget: 1000, flushes: 0, evicted: 0, links: 1, fragments: 2 },
  exits: { taken: 10, forced: 0, byReason: {} },
  loops: 3,
  functions: [],
  module: { bytes: 1500, functions: 1 },
} as unknown as Counts;
