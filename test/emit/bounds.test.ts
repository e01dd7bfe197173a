/** Bounds guards are exact to the byte, for every shape of memory. */
import { expect } from 'chai';
import { Rig } from './harness.ts';

const FAIL = 104;
const PASS = 200;

function region(memory: string, k: number, type: 'i32' | 'i64', grow = ''): string {
  return `
region T1 bounds
func 0 $f
memory 0 ${memory}
entry !interp#0 @$f+0x9 pc=96 {}
b0:
  v1 = slot.load ${type} [0] @$f+0x9
${grow}
  guard.bounds v1 k=${k} mem=0 !bounds#1 @$f+0xd pc=${FAIL} {}
  exit !end#2 @$f+0x20 pc=${PASS} {}
`;
}

const cases = [
  { name: 'a growable memory with a minimum', wat: '(memory (export "mem0") 1)', facts: 'min=65536', type: 'i32' },
  { name: 'a memory without a minimum', wat: '(memory (export "mem0") 0)', facts: 'min=0', type: 'i32', pages: 1 },
  { name: 'a memory of fixed size', wat: '(memory (export "mem0") 1 1)', facts: 'min=65536', type: 'i32' },
  { name: 'a 64-bit memory', wat: '(memory (export "mem0") i64 1)', facts: 'min=65536 mem64', type: 'i64' },
  {
    name: 'a 64-bit memory without a minimum',
    wat: '(memory (export "mem0") i64 0)',
    facts: 'min=0 mem64',
    type: 'i64',
    pages: 1,
  },
] as const;

describe('guard.bounds', () => {
  for (const c of cases) {
    for (const k of [1, 4, 65536, 65537, 2 ** 32, 2 ** 33]) {
      it(`is exact in ${c.name}, k = ${k}`, () => {
        const r = new Rig({ guest: `(module ${c.wat})`, region: region(c.facts, k, c.type) });
        const grow = (r.guest.mem0 as { grow(n: number | bigint): void }).grow.bind(r.guest.mem0);
        const pages = 'pages' in c ? c.pages : 0;
        if (pages > 0) grow(c.type === 'i64' ? BigInt(pages) : pages);
        const last = 65536 - k;
        for (const addr of [
          0n,
          BigInt(last),
          BigInt(last + 1),
          BigInt(last - 1),
          65535n,
          65536n,
          0x7fffffffn,
          0xffffffffn,
          -1n,
        ]) {
          const a = BigInt.asUintN(c.type === 'i64' ? 64 : 32, addr);
          r.setI64(0, BigInt.asIntN(64, a));
          expect(r.enter().pc, `address ${a}`).to.equal(a <= BigInt(last) ? PASS : FAIL);
        }
      });
    }
  }

  it('refuses everything in an empty memory', () => {
    const r = new Rig({ guest: '(module (memory (export "mem0") 0))', region: region('min=0', 1, 'i32') });
    for (const a of [0, 1, -1]) {
      r.setI32(0, a);
      expect(r.enter().pc).to.equal(FAIL);
    }
  });

  it('knows the new size after memory.grow', () => {
    const grow = '  v8 = i32.const 1 @$f+0x9\n  v9 = memory.grow v8 index=0 @$f+0x9\n';
    const r = new Rig({ guest: '(module (memory (export "mem0") 1))', region: region('min=65536', 4, 'i32', grow) });
    r.setI32(0, 65536);
    expect(r.enter().pc).to.equal(PASS);
    expect(r.mem().byteLength).to.equal(131072);
  });

  it('knows the new size after a host call', () => {
    const call = '  host.call void [64] func=0 !interp#3 @$f+0x9 pc=90 {}\n';
    const text = region('min=65536', 4, 'i32', call);
    const grow = () => (r.guest.mem0 as WebAssembly.Memory).grow(2);
    const guest = '(module (import "a" "b" (func)) (memory (export "mem0") 1))';
    const r: Rig = new Rig({ guest, region: text, host: [() => void grow()] });
    r.setI32(0, 3 * 65536 - 4);
    expect(r.enter().pc).to.equal(PASS);
    r.setI32(0, 5 * 65536 - 3);
    expect(r.enter().pc).to.equal(FAIL);
  });
});
