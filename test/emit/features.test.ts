/** What else a fragment can contain, one claim a test. */
import { expect } from 'chai';
import { compileModule, ModuleCache } from '../../src/emit/compile.ts';
import { emitFragments } from '../../src/emit/emit.ts';
import { EmitError } from '../../src/emit/errors.ts';
import { trapOffset, trapSites } from '../../src/emit/traps.ts';
import { parse } from '../../src/ir/parse.ts';
import { CTL, STATE } from '../../src/machine/layout.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { FP, MIRROR, PLAIN, Rig, type RigInput, wat } from './harness.ts';

const HEAD = 'region T5 f+0x9\nfunc 0 $f\n';
const ENTRY = 'entry !interp#0 @$f+0x9 pc=96 {}\n';

/** A region of one block: header lines, body lines without places, slots of the exit. */
function straight(facts: string, body: string, slots: string): string {
  const lines = body
    .trim()
    .split('\n')
    .map((l) => (l.includes('@') ? l : `${l} @$f+0x9`));
  return `${HEAD}${facts}${ENTRY}b0: ic=5\n${lines.join('\n')}\nexit !end#1 @$f+0x9 pc=200 ic=5 {${slots}}\n`;
}

function run(input: RigInput, setup: (r: Rig) => void = () => {}): Rig {
  const r = new Rig(input);
  setup(r);
  expect(r.enter().pc).to.equal(200);
  return r;
}

describe('frames', () => {
  it('hold v128 in two slots', () => {
    const region = straight('', 'v1 = slot.load v128 [16]\nv2 = i32x4.add v1 v1', '32:v2');
    const r = run({ region }, (x) => {
      for (let i = 0; i < 4; i++) x.setI32(16 + 4 * i, i + 1);
    });
    expect([32, 36, 40, 44].map((o) => r.i32(o))).to.deep.equal([2, 4, 6, 8]);
  });

  it('hold floats with all their bits', () => {
    const body =
      'v1 = slot.load f64 [0]\nv2 = slot.load f32 [8]\nv3 = f32.const 0x7fa00001\nv4 = f64.const 0x7ff4000000000001';
    const r = run({ region: straight('', body, '16:v1 24:v2 32:v3 40:v4') }, (x) => {
      x.setI64(0, -0x8000000000001n);
      x.setI32(8, -12345);
    });
    expect([r.i64(16), r.i32(24), r.i32(32)]).to.deep.equal([-0x8000000000001n, -12345, 0x7fa00001]);
    expect(r.i64(40)).to.equal(0x7ff4000000000001n);
  });

  it('keep references in side tables, also below fp', () => {
    const body =
      'v1 = slot.load externref [-8]\nv2 = slot.load externref [0]\nv3 = slot.load i32 [8]\nv4 = select externref v1 v2 v3';
    const object = { a: 1 };
    const r = run({ region: straight('', body, '16:v4'), sideTypes: ['externref'] }, (x) => {
      x.sides.get('externref')!.set((FP - 8) >>> 3, object);
      x.setI32(8, 1);
    });
    expect(r.sides.get('externref')!.get((FP + 16) >>> 3)).to.equal(object);
  });

  it('of other frames go on where the snapshot says', () => {
    const region = `${HEAD}${ENTRY}b0:\n v1 = frame.addr [24] @$f+0x9\n exit !end#1 @$f+0x9 pc=200 fp=-32 {-32:v1}\n`;
    const r = new Rig({ region });
    expect(r.enter()).to.deep.equal({ pc: 200, fp: FP - 32 });
    expect(r.i32(-32)).to.equal(FP + 24);
  });

  it('are not written where the slot has its value already', () => {
    const region = straight('', 'v1 = slot.load i32 [0]\nv2 = slot.load i32 [8]', '0:v1 8:v2 16:v1');
    const withoutStore = straight('', 'v1 = slot.load i32 [0]\nv2 = slot.load i32 [8]', '16:v1');
    const bytes = (text: string) => new Rig({ region: text }).emitted.fragments[0]!.bytes;
    expect(bytes(region)).to.equal(bytes(withoutStore));
  });

  it('exchange two slots', () => {
    const region = straight('', 'v1 = slot.load i32 [0]\nv2 = slot.load i32 [8]', '0:v2 8:v1');
    const r = run({ region }, (x) => {
      x.setI32(0, 1);
      x.setI32(8, 2);
    });
    expect([r.i32(0), r.i32(8)]).to.deep.equal([2, 1]);
  });
});

describe('exits', () => {
  it('perform sunk stores in order, then globals', () => {
    const facts = 'memory 0 min=65536\nglobal 0 i32 mut\n';
    const body = 'v1 = slot.load i32 [0]\nv2 = i32.const 7\nv3 = i32.const 9';
    const slots = 'g0:v3 i32.store[v1+8]:v2 i32.store8[v1+9]:v3';
    const guest = '(module (memory (export "mem0") 1) (global (export "global0") (mut i32) (i32.const 0)))';
    const r = run({ guest, region: straight(facts, body, slots) }, (x) => x.setI32(0, 100));
    expect(r.mem().getInt32(108, true)).to.equal(7 + 9 * 256);
    expect((r.guest.global0 as WebAssembly.Global).value).to.equal(9);
  });

  it('leave at entry when the machine was asked to stop', () => {
    const r = new Rig({ region: straight('', 'v1 = i32.const 5', '0:v1'), options: { poll: true } });
    expect(r.enter().pc).to.equal(200);
    r.setI32(0, 1);
    r.view.setInt32(CTL.stop, 1, true);
    expect(r.enter().pc).to.equal(96);
    expect([r.i32(0), r.exits(0), r.exits(1)]).to.deep.equal([1, 1, 1]);
  });
});

describe('forced exits', () => {
  const guards =
    'v1 = i32.const 1\nguard.true v1 !branch#2 @$f+0x9 pc=110 {}\nguard.true v1 !branch#3 @$f+0x9 pc=120 {}';
  const rig = (below: number) => {
    const r = new Rig({ region: straight('', guards, ''), options: { force: true } });
    r.view.setInt32(CTL.forceState, 1, true);
    r.view.setInt32(CTL.forceBelow, below, true);
    return r;
  };

  it('never happen with threshold 0', () => {
    const r = rig(0);
    for (let i = 0; i < 50; i++) expect(r.enter().pc).to.equal(200);
    expect(r.ctl64(CTL.forced)).to.equal(0);
  });

  it('happen at every guard with the highest threshold', () => {
    const r = rig(-1);
    for (let i = 0; i < 50; i++) expect(r.enter().pc).to.equal(110);
    expect(r.ctl64(CTL.forced)).to.equal(50);
  });

  it('follow the schedule of xorshift32, and are counted', () => {
    const r = rig(0x40000000);
    let x = 1;
    let forced = 0;
    const hit = () => {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      if (x >>> 0 >= 0x40000000) return false;
      forced++;
      return true;
    };
    for (let i = 0; i < 200; i++) expect(r.enter().pc).to.equal(hit() ? 110 : hit() ? 120 : 200);
    expect(r.ctl64(CTL.forced)).to.equal(forced);
    expect(r.exits(2) + r.exits(3)).to.equal(forced);
  });
});

describe('host calls', () => {
  it('find the state as the interpreter would have it', () => {
    const seen: unknown[] = [];
    const call = 'host.call void v1 [64] func=0 !interp#2 @$f+0x9 pc=150 fp=16 {0:v2 16:v1}';
    const r: Rig = new Rig({
      guest: '(module (import "a" "b" (func (param i32))))',
      region: straight('', `v1 = slot.load i32 [8]\nv2 = i32.const 3\n${call}`, '24:v1'),
      options: { sample: true },
      host: [
        (n: number) => seen.push(n, r.i32(0), r.i32(16), ...[CTL.pc, CTL.fp, CTL.top, CTL.state].map((a) => r.ctl(a))),
      ],
    });
    r.setI32(8, 42);
    expect(r.enter().pc).to.equal(200);
    expect(seen).to.deep.equal([42, 3, 42, 150, FP + 16, FP + 64, STATE.host]);
    expect(r.ctl(CTL.state)).to.equal(STATE.fragment + 5);
  });

  it('let errors of the host through', () => {
    const call = 'host.call void [64] func=0 !interp#2 @$f+0x9 pc=150 {}';
    const boom = new Error('boom');
    const r = new Rig({
      guest: '(module (import "a" "b" (func)))',
      region: straight('', call, ''),
      host: [
        () => {
          throw boom;
        },
      ],
    });
    expect(() => r.enter()).to.throw(boom.constructor as ErrorConstructor, 'boom');
  });
});

describe('traps of the host', () => {
  it('name their instruction', () => {
    const body = `v1 = slot.load i32 [0]
v2 = slot.load i32 [8]
v3 = i32.div_s v1 v2
v4 = i32.load v1 offset=0`;
    const guest = '(module (memory (export "mem0") 1))';
    const r = new Rig({ guest, region: straight('memory 0 min=65536\n', body, '16:v3 24:v4') });
    const sites = trapSites(r.emitted);
    const trap = (a: number, b: number) => {
      r.setI32(0, a);
      r.setI32(8, b);
      try {
        r.enter();
      } catch (error) {
        return sites.get(trapOffset(error as Error) ?? -1)?.op;
      }
      return 'none';
    };
    expect([trap(1, 0), trap(-1, 1), trap(8, 1)]).to.deep.equal(['i32.div_s', 'i32.load', 'none']);
  });
});

describe('tables and functions', () => {
  it('look functions up in the mirror', () => {
    const region = straight('', 'v1 = slot.load i32 [0]\nv2 = mirror.get v1 table=0', '8:v2');
    const r = new Rig({ region });
    r.view.setInt32(MIRROR, 20000, true);
    r.view.setInt32(MIRROR + 4, 3, true);
    for (const [i, id] of [11, 12, 13].entries()) r.view.setInt32(20000 + 4 * i, id, true);
    const get = (i: number) => {
      r.setI32(0, i);
      r.enter();
      return r.i32(8);
    };
    expect([0, 1, 2, 3, -1].map(get)).to.deep.equal([11, 12, 13, 0, 0]);
  });

  it('give references to guest functions', () => {
    const guest = '(module (func (export "func0") (result i32) (i32.const 4)))';
    const region = straight('', 'v1 = ref.func funcref index=0', '0:v1');
    const r = run({ guest, region, sideTypes: ['funcref'] });
    expect(r.sides.get('funcref')!.get(FP >>> 3)).to.equal(r.guest.func0);
  });
});

describe('memories', () => {
  it('keep their order, the first of the guest before that of the machine', () => {
    const facts = 'memory 0 min=65536\nmemory 1 min=65536\n';
    const body = `v1 = i32.const 8
guard.bounds v1 k=4 mem=1 !bounds#2 @$f+0x9 pc=100 {}
v2 = i32.load v1 offset=0 mem=1
i32.store v1 v2 offset=4`;
    const guest = '(module (memory (export "mem0") 1) (memory (export "mem1") 1))';
    const r = run({ guest, region: straight(facts, body, '') }, (x) => x.mem(1).setInt32(8, 77, true));
    expect(r.mem(0).getInt32(12, true)).to.equal(77);
    expect(r.emitted.imports.map((i) => `${i.module}.${i.name}`)).to.deep.equal([
      'memory.0',
      'memory.1',
      'machine.memory',
      'machine.fragments',
    ]);
  });

  it('are imported only when they are used', () => {
    const r = new Rig({
      guest: '(module (memory (export "mem0") 1))',
      region: straight('memory 0 min=65536\n', 'v1 = i32.const 1', '0:v1'),
    });
    expect(r.emitted.imports.map((i) => i.module)).to.deep.equal(['machine', 'machine']);
  });

  it('are read before what stands behind writes them', () => {
    const body = `v1 = i32.const 8
v2 = i32.load v1 offset=0
v3 = i32.const 5
i32.store v1 v3 offset=0
v4 = i32.add v2 v3`;
    const r = run(
      { guest: '(module (memory (export "mem0") 1))', region: straight('memory 0 min=65536\n', body, '0:v4') },
      (x) => x.mem().setInt32(8, 1, true),
    );
    expect([r.i32(0), r.mem().getInt32(8, true)]).to.deep.equal([6, 5]);
  });
});

describe('modules', () => {
  const env = (guest: string) => ({
    guest: decodeModule(wat(guest)),
    options: PLAIN,
    machinePages: 64,
    sideTypes: [],
    mirror: () => null,
  });
  const one = straight('', 'v1 = i32.const 5', '0:v1');
  const input = (text: string, slot: number) => ({
    region: parse(text),
    fragmentSlot: slot,
    fragRecord: 2048,
    exitRecords: [4096, 4120],
    exitSlots: [1, 2],
    name: `T${slot} f`,
  });

  it('hold several fragments', () => {
    const emitted = emitFragments([input(one, 3), input(one, 7)], env('(module)'));
    expect(emitted.fragments.map((f) => [f.export, f.fragmentSlot])).to.deep.equal([
      ['f0', 3],
      ['f1', 7],
    ]);
    expect(WebAssembly.validate(emitted.bytes)).to.equal(true);
  });

  it('with equal bytes are compiled once', () => {
    const cache = new ModuleCache();
    const emitted = emitFragments([input(one, 1)], env('(module)'));
    const again = emitFragments([input(one, 1)], env('(module)'));
    expect(cache.get(emitted.bytes).reused).to.equal(false);
    expect(cache.get(again.bytes).reused).to.equal(true);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 64, shared: true });
    const fragments = new WebAssembly.Table({ element: 'anyfunc', initial: 4 });
    const exports = compileModule(emitted, { machine: { memory, fragments } }, cache);
    expect(exports.f0).to.be.a('function');
    expect(cache.size).to.equal(1);
  });

  it('are dropped from a full cache, the least recently used first', () => {
    const modules = [1, 2, 3].map(
      (n) => emitFragments([input(one.replace('const 5', `const ${n}`), 1)], env('(module)')).bytes,
    );
    const cache = new ModuleCache(2 * modules[0]!.length);
    cache.get(modules[0]!);
    cache.get(modules[1]!);
    cache.get(modules[0]!);
    cache.get(modules[2]!);
    expect(cache.get(modules[0]!).reused).to.equal(true);
    expect(cache.get(modules[1]!).reused).to.equal(false);
  });

  it('name the reason where a region cannot be written', () => {
    const reason = (text: string) => {
      try {
        emitFragments([input(text, 1)], env('(module)'));
      } catch (error) {
        if (error instanceof EmitError) return error.reason;
        throw error;
      }
      return 'none';
    };
    const irreducible = `${HEAD}${ENTRY}b0:
 v1 = slot.load i32 [0] @$f+0x9
 branch v1 b1 b2
b1: <- b0 b2
 jump b2
b2: <- b0 b1
 branch v1 b1 b3
b3: <- b2
 exit !end#1 @$f+0x9 pc=200 {}
`;
    expect(reason(irreducible)).to.equal('irreducible');
    expect(reason(straight('memory 0 min=0\n', 'v1 = i32.const 1\nv2 = i32.load v1 offset=0', '0:v2'))).to.equal(
      'import',
    );
    expect(reason(straight('', 'v1 = i32.const 1\nv2 = mirror.get v1 table=0', '0:v2'))).to.equal('import');
    expect(reason(straight('', 'v1 = slot.load externref [0]', '8:v1'))).to.equal('import');
  });
});
