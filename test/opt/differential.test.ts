/**
 * Random regions, optimized and not, both emitted and executed: they must leave in the same way with the same frame,
 * memory, global and host calls. Where the optimized one leaves in front of a loop it has changed nothing yet or is at that
 * loop's head, which the other does not show; such runs are only counted.
 *
 * `SEEDS=1000-2000` tries others than the usual ones.
 */
import { expect } from 'chai';
import type { Region } from '../../src/ir/ir.ts';
import { print } from '../../src/ir/print.ts';
import { optimize } from '../../src/opt/pipeline.ts';
import { FP, Rig, wat } from '../emit/harness.ts';
import { EXACT, RULES } from './names.ts';
import { FRAME, GUEST, random, randomRegion } from './random-region.ts';

const [FIRST, LAST] = (process.env.SEEDS ?? '1-60').split('-').map(Number) as [number, number];
const guest = wat(GUEST);

interface Outcome {
  exit: number;
  state: string;
}

/** Frames are filled alike; the root loop goes on for a few iterations, and again where its strip is used up. */
function execute(region: Region, seed: number): Outcome {
  const calls: number[] = [];
  const host = (x: number) => {
    calls.push(x);
    return x ^ 5;
  };
  const head = region.exits.find((s) => s?.reason === 'loop')!;
  const rig = new Rig({ guest, region, host: [host] });
  const r = random(seed + 77);
  const mem = new Uint8Array((rig.guest.mem0 as WebAssembly.Memory).buffer);
  for (let i = 0; i < 512; i++) mem[i] = r(3) === 0 ? r(256) : 0;
  const state = new DataView(rig.memory.buffer);
  for (let off = 0; off < FRAME; off += 8) state.setBigInt64(FP + off, BigInt(r(40)), true);
  // Two objects: apart, overlapping, or one.
  state.setInt32(FP + FRAME - 16, 64, true);
  state.setInt32(FP + FRAME - 8, [64, 68, 128, 300, 91][r(5)]!, true);
  state.setInt32(FP + FRAME, r(20) + 1, true);
  let exit = head.id;
  for (let i = 0; i < 100 && exit === head.id; i++) {
    const counts = region.exits.map((_, id) => rig.exits(id));
    rig.enter();
    exit = counts.findIndex((n, id) => rig.exits(id) !== n);
  }
  const frame = Buffer.from(new Uint8Array(rig.memory.buffer, FP, FRAME + 8)).toString('hex');
  const low = Buffer.from(mem.subarray(0, 1024)).toString('hex');
  const counts = Array.from({ length: region.counters ?? 0 }, (_, i) => rig.counter(i));
  return { exit, state: [frame, low, (rig.guest.global0 as WebAssembly.Global).value, calls, counts].join(' ') };
}

/** The exit of which a copy leaves at the same step for the same reason; others are new ones, in front of loops. */
function original(region: Region, id: number): number {
  const exit = region.exits[id]!;
  const from = exit.origin === undefined ? undefined : region.exits[exit.origin];
  return from?.reason === exit.reason ? from.id : id;
}

/** Rules that fired, as `pass/rule`. */
const fired = new Set<string>();

/** Runs a region both ways; true when they could be compared. */
function compare(seed: number, enabled: string): boolean {
  const size = 4 + (seed % 24);
  const plain = randomRegion(seed, size);
  const exits = plain.exits.length;
  const before = print(plain, { brief: true });
  const expected = execute(plain, seed);
  const region = randomRegion(seed, size);
  optimize(region, {
    enabled,
    verify: true,
    onPass(_, { name, rules }) {
      for (const rule of Object.keys(rules)) fired.add(`${name}/${rule}`);
    },
  });
  const got = execute(region, seed);
  got.exit = original(region, got.exit);
  if (got.exit === 0 || got.exit >= exits) return false;
  expect(got, `seed ${seed} at ${enabled}\n${before}\n${print(region, { brief: true })}`).to.deep.equal(expected);
  return true;
}

describe('random regions', () => {
  for (const enabled of ['O1', 'O2', 'O3', 'O3,+strength']) {
    it(`do at ${enabled} what they did before`, () => {
      let compared = 0;
      for (let seed = FIRST; seed <= LAST; seed++) if (compare(seed, enabled)) compared++;
      expect(compared).to.be.greaterThan((LAST - FIRST) / 2);
    });
  }

  it('do without any rule, and in any order of passes, what they did before', () => {
    let compared = 0;
    for (let seed = FIRST; seed <= LAST; seed++) {
      const r = random(seed);
      const order = Array.from({ length: 8 }, () => EXACT[r(EXACT.length)]);
      for (const enabled of [`O3,-${RULES[r(RULES.length)]}`, `order:${order.join(':')}`])
        if (compare(seed, enabled)) compared++;
    }
    expect(compared).to.be.greaterThan(LAST - FIRST);
  });

  it('are led past branches, choose without them, and loops are peeled', () => {
    const rules = [
      'thread/way',
      'branches/settled',
      'selects/choice',
      'peel/wrap-around',
      'peel/same-guard',
      'strength/product',
    ];
    expect([...fired]).to.include.members(rules);
  });
});
