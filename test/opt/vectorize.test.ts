/**
 * Random loops over arrays, natively and under the machine with vectors: results, traps, memory and counts must agree,
 * wherever the arrays lie. `SEEDS=1000-2000` tries others than the usual ones.
 */
import { expect } from 'chai';
import { instantiateSync } from '../../src/index.ts';
import { wat } from '../emit/harness.ts';
import { randomLoop } from './random-loop.ts';
import { random } from './random-region.ts';

const [FIRST, LAST] = (process.env.SEEDS ?? '1-100').split('-').map(Number) as [number, number];
const END = 65536;

type Run = (a: number, b: number, c: number, from: number, to: number, k: number) => bigint;

/** Arguments of calls: arrays apart, near each other, one inside the other, at the end of memory; short and long loops. */
function calls(seed: number): Parameters<Run>[] {
  const r = random(seed + 5);
  return Array.from({ length: 12 }, (_, i) => {
    const a = 1024 + r(64);
    const near = [0, 1, 2, 4, 8, 12, 16, 31, 33, 4096][r(10)]! * (r(2) ? 1 : -1);
    const end = i === 11 ? END - r(300) : 0;
    const from = r(4) === 0 ? r(4) : 0;
    return [
      end || a,
      r(2) ? a + near : 9000,
      r(2) ? a - near : 20000,
      from,
      [3, 17, 64, 200, 701][r(5)]!,
      r(400) - 100,
    ];
  });
}

interface Outcome {
  readonly results: string[];
  readonly memory: string;
}

function execute(run: Run, memory: WebAssembly.Memory, seed: number): Outcome {
  const r = random(seed + 99);
  const bytes = new Uint8Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  for (let i = 0; i < bytes.length; i++) bytes[i] = r(4) === 0 ? r(256) : r(20);
  // Numbers that stay numbers, so that no NaN's bits are compared.
  for (let i = 2048; i < 6000; i++) floats[i] = r(100) - 50;
  const results = calls(seed).map((args) => {
    try {
      return String(run(...args));
    } catch (e) {
      if (!(e instanceof WebAssembly.RuntimeError)) throw e;
      return e.message;
    }
  });
  return { results, memory: Buffer.from(memory.buffer).toString('base64') };
}

/** Vector loops made, with everything that is compared. */
function compare(seed: number): number {
  const text = randomLoop(seed);
  const bytes = wat(text);
  const native = new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports;
  const expected = execute(native.run as unknown as Run, native.m as WebAssembly.Memory, seed);
  const counts = new Set<number>();
  let loops = 0;
  for (const options of [
    { passes: '-vectorize' },
    { check: true },
    { check: true, maxRegion: 0 },
    { forceExits: 'all' },
    { forceExits: `0.1,${seed}` },
    { fuel: 1e9 },
  ]) {
    const { instance, machine } = instantiateSync(
      bytes,
      {},
      { hotLoop: 2, hotExit: 2, compileShare: 0, deterministic: true, ...options },
    );
    const { run, m } = instance.exports;
    const got = execute(run as unknown as Run, m as WebAssembly.Memory, seed);
    const stats = machine.stats();
    machine.dispose();
    const about = `seed ${seed} with ${JSON.stringify(options)}\n${text}`;
    expect(got.results, about).to.deep.equal(expected.results);
    expect(got.memory === expected.memory, about).to.equal(true);
    counts.add(stats.instructions.total);
    loops += stats.passes.find((p) => p.name === 'vectorize')?.rules.loop ?? 0;
  }
  expect([...counts], `counts of seed ${seed}\n${text}`).to.have.length(1);
  return loops;
}

describe('loops in vectors', () => {
  for (let first = FIRST; first <= LAST; first += 50) {
    it(`do what they did one by one (seeds from ${first})`, () => {
      let made = 0;
      const last = Math.min(first + 49, LAST);
      for (let seed = first; seed <= last; seed++) if (compare(seed) > 0) made++;
      // A good part of them is vectorized, else nothing is tested here.
      expect(made).to.be.greaterThan((last - first) / 5);
    });
  }
});
