/** Random regions end in the state in which the plain interpreter of `reference.ts` ends. */
import { expect } from 'chai';
import type { EmitOptions } from '../../src/emit/types.ts';
import { print } from '../../src/ir/print.ts';
import { CTL } from '../../src/machine/layout.ts';
import { FP, Rig, wat } from './harness.ts';
import { Maker, Random } from './random.ts';
import { interpret, type State } from './reference.ts';

const GUEST = wat(`(module
  (import "env" "host" (func (param i32 i64) (result i64 i32)))
  (memory (export "mem0") 1)
  (global (export "global0") (mut i32) (i32.const 0))
  (global (export "global1") (mut i64) (i64.const 0)))`);
const FRAME = 512;

const SEEDS = Number(process.env.FUZZ ?? 150);

function check(seed: number, options: Partial<EmitOptions>): void {
  const r = new Random(seed + 7);
  const region = new Maker(seed, { size: 5 + r.below(60), host: seed % 3 === 0 }).make();
  const calls: unknown[] = [];
  const mix = (a: bigint, b: bigint): [bigint, bigint] => [
    BigInt.asUintN(64, a * 31n + b),
    BigInt.asUintN(32, a ^ (b >> 3n)),
  ];
  const rig = new Rig({
    guest: GUEST,
    region,
    options,
    host: [
      (a: number, b: bigint) => {
        const args = [BigInt(a >>> 0), BigInt.asUintN(64, b)] as const;
        const at = { pc: rig.ctl(CTL.pc), fp: rig.ctl(CTL.fp) - FP, top: rig.ctl(CTL.top) - FP };
        calls.push({ args, ...at, frame: frame(), icount: options.fuel ? rig.ctl64(CTL.icount) - 1000 : 0 });
        const [x, y] = mix(...args);
        return [BigInt.asIntN(64, x), Number(BigInt.asIntN(32, y))];
      },
    ],
  });
  const frame = (): string => Buffer.from(rig.memory.buffer, FP - 128, FRAME).toString('hex');
  rig.strip = 1 + r.below(5);
  for (let i = -128; i < FRAME - 128; i += 4) rig.setI32(i, r.below(2 ** 31));
  for (let i = 0; i < 4200; i += 4) rig.mem().setUint32(i, r.below(2 ** 32), true);
  const globals = [BigInt(r.below(100)), BigInt(r.below(1000))];
  const [g0, g1] = [rig.guest.global0, rig.guest.global1] as WebAssembly.Global[];
  g0!.value = Number(globals[0]);
  g1!.value = globals[1];
  rig.view.setBigInt64(CTL.icount, 1000n, true);

  const want: unknown[] = [];
  const buffer = new ArrayBuffer(FRAME);
  new Uint8Array(buffer).set(new Uint8Array(rig.memory.buffer, FP - 128, FRAME));
  const state: State = {
    frame: new DataView(buffer),
    zero: 128,
    memory: new DataView((rig.guest.mem0 as WebAssembly.Memory).buffer.slice(0)),
    globals,
    strip: 0,
    host(args, snap, icount) {
      const at = { pc: snap.pc, fp: snap.fp, top: 96 };
      want.push({ args, ...at, frame: Buffer.from(buffer).toString('hex'), icount: options.fuel ? icount : 0 });
      return mix(args[0]!, args[1]!);
    },
  };
  state.strip = rig.strip;
  const outcome = interpret(region, state);
  const got = rig.enter();
  expect(got).to.deep.equal({ pc: outcome.exit.pc, fp: FP + outcome.exit.fp });
  expect(calls).to.deep.equal(want);
  expect(frame(), 'frame').to.equal(Buffer.from(buffer).toString('hex'));
  expect(Buffer.from(rig.mem().buffer).equals(Buffer.from(state.memory.buffer)), 'memory').to.equal(true);
  expect([BigInt((g0!.value as number) >>> 0), BigInt.asUintN(64, g1!.value as bigint)]).to.deep.equal(state.globals);
  expect(rig.exits(outcome.exit.id), 'exit count').to.equal(1);
  expect(rig.entries).to.equal(1);
  if (options.countIterations !== false) expect(rig.iterations, 'iterations').to.equal(outcome.iterations);
  if (options.fuel) expect(rig.ctl64(CTL.icount), 'icount').to.equal(1000 + outcome.icount);
}

function checkAll(options: Partial<EmitOptions>): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      check(seed, options);
    } catch (error) {
      const region = new Maker(seed, { size: 5 + new Random(seed + 7).below(60), host: seed % 3 === 0 }).make();
      throw new Error(`seed ${seed}: ${(error as Error).message}\n${print(region)}`, { cause: error });
    }
  }
}

describe('random regions', () => {
  it('do what the reference does', () => checkAll({})).timeout(30000);
  it('count instructions exactly', () => checkAll({ fuel: true })).timeout(30000);
});
