/** Exact profiles against the interpreter: the same ways from every threaded branch, and the same arrivals at every head. */
import { readFileSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiateSync } from '../../src/index.ts';
import { BR_TABLE } from '../../src/machine/arms/control.ts';
import { Machine } from '../../src/machine/machine.ts';
import { resolveOptions } from '../../src/options.ts';
import { countFlow, walkFlow } from '../../src/profile/flow.ts';
import { ExactWays } from '../../src/record/exact-ways.ts';
import { profiled, profileFile } from './profiled.ts';

const SHARE = process.env.WYNAMO_ALL ? 1 : 4;
const BUILDS = GUESTS.flatMap((row) => row.builds.map((build) => ({ row, build }))).filter((_, i) => i % SHARE === 0);

describe('exact profiles', () => {
  let branches = 0;
  for (const { row, build } of BUILDS) {
    it(`${row.name}.${build}: ways are those that the interpreter went`, () => {
      const bytes = readFileSync(wasmPath(row, build));
      const run = (exports: WebAssembly.Exports) => (exports.run as (n: number) => unknown)(row.sizes.small);
      const profile = profiled(bytes, makeImports(row), run);
      const host = makeImports(row);
      const machine = new Machine(Uint8Array.from(bytes), host.imports, resolveOptions({ mode: 'interp' }));
      machine.start();
      host.attach?.(machine.guest.instance.exports);
      run(machine.guest.instance.exports);
      const ways = new ExactWays(machine, profile, 1);
      const { heads, functions } = countFlow(machine);
      for (const code of machine.map.all()) {
        expect(ways.arrivals(code.base), `entries of ${code.func}`).to.equal(functions.get(code.func)?.entries ?? 0);
        for (const loop of code.loops) {
          const pc = code.base + 4 * loop.word;
          expect(ways.arrivals(pc), `loop at ${loop.offset}`).to.equal(heads.get(pc) ?? 0);
        }
        walkFlow(machine, code, new Map(), (pc, arm, flow) => {
          const word = (i: number) => machine.memory.word(pc + 4 * i);
          const seen = new Map<number, number>();
          const add = (to: number, n: number) => seen.set(to, (seen.get(to) ?? 0) + n);
          if (arm.kind === 'branch') {
            const target = arm.target as number;
            const taken = machine.memory.count(pc + 4 * (target + 2));
            add(word(target), taken);
            add(pc + 4 * arm.words, flow - taken);
          } else if (arm.kind === 'table') {
            for (let i = 0; i <= word(2); i++) {
              const at = BR_TABLE.first + BR_TABLE.words * i;
              add(word(at), machine.memory.count(pc + 4 * (at + 2)));
            }
          } else return;
          if (flow === 0) return;
          branches++;
          const place = `${arm.key} at ${machine.map.at(pc)?.offset} of ${code.func}`;
          expect([...ways.outgoing(pc)], place).to.have.deep.members([...seen]);
        });
      }
      machine.dispose();
    });
  }

  it('were compared at some branches', () => expect(branches).to.be.greaterThan(200));

  it('tell all callees of an indirect call but the rare ones, the most frequent first', () => {
    const row = GUESTS.find(({ name }) => name === 'indirect')!;
    const bytes = readFileSync(wasmPath(row, 'O3'));
    const run = (exports: WebAssembly.Exports) => (exports.run as (n: number) => unknown)(row.sizes.small);
    const profile = profiled(bytes, makeImports(row), run);
    const machine = new Machine(Uint8Array.from(bytes), makeImports(row).imports, resolveOptions({ mode: 'interp' }));
    machine.start();
    run(machine.guest.instance.exports);
    const successors = (rare: number) => {
      const ways = new ExactWays(machine, profile, rare);
      return machine.map.all().flatMap((code) => {
        const lists: number[][] = [];
        walkFlow(machine, code, new Map(), (pc, arm) => {
          if (arm.kind === 'indirect') lists.push(ways.successors(pc).map((to) => machine.map.entryOf(to)!.func));
        });
        return lists.filter((list) => list.length > 0);
      });
    };
    // The place with the most callees.
    const places = profile.functions.flatMap(({ targets }) => [...Map.groupBy(targets, ([at]) => at).values()]);
    const calls = places.toSorted((a, b) => b.length - a.length)[0]!.toSorted((a, b) => b[2] - a[2]);
    expect(calls).to.have.length.above(2);
    expect(successors(1e9)).to.deep.include(calls.map(([, callee]) => callee));
    const all = calls.reduce((sum, [, , n]) => sum + n, 0);
    const [, second] = calls as [unknown, (typeof calls)[0]];
    const frequent = calls.filter(([, , n]) => n >= second[2]).map(([, callee]) => callee);
    expect(successors(all / second[2])).to.deep.include(frequent);
    machine.dispose();
  });

  it('are needed by policy oracle, and belong to one module', () => {
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const { folder, path } = profileFile(profiled(empty, { imports: {} }, () => {}));
    const other = Uint8Array.from([...empty, 0, 2, 1, 0x78]);
    const open = (bytes: Uint8Array, exactProfile: string) => () =>
      instantiateSync(bytes, {}, { policy: 'oracle', exactProfile });
    open(empty, path)();
    expect(open(empty, '')).to.throw("'wynamo profile --exact=FILE' writes it");
    expect(open(other, path)).to.throw('is the profile of another module');
    expect(open(empty, `${path}.none`)).to.throw('ENOENT');
    expect(open(empty, new URL(import.meta.url).pathname)).to.throw('is no exact profile');
    rmSync(folder, { recursive: true });
  });
});
