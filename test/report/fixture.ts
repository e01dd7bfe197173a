/**
 * Statistics for tests of the report: a small run with code, a run that was only interpreted, and a generator of runs
 * with any number of fragments. Counts follow from each other as they would in a real run where a test relies on it.
 */
import type { FragmentExit, FragmentStats, Stats } from '../../src/profile/schema.ts';

const IR_BUILT = `region T1 $crc32+0x5e
b0:
  v1 = slot.load i32 [0]
  v2 = slot.load i32 [8]
  v3 = slot.load i32 [40]
  jump b1
b1: loop <- b0 b1
  v4 = phi i32 v1 v12
  v5 = phi i32 v3 v16
  strip.check !loop @$crc32+0x5e {0:v4 40:v5}
  v6 = guard.bounds v4 k=1 !bounds @$crc32+0x62 {0:v4 40:v5}
  v7 = i32.load8_u v4 offset=0 @$crc32+0x62
  v8 = i32.xor v5 v7 @$crc32+0x65
  v9 = i32.const 255 @$crc32+0x66
  v10 = i32.and v8 v9 @$crc32+0x69
  v11 = i32.const 1 @$crc32+0x6c
  v12 = i32.add v4 v11 @$crc32+0x6e
  v13 = i32.const 2 @$crc32+0x71
  v14 = i32.shl v10 v13 @$crc32+0x73
  v15 = guard.bounds v14 k=1028 !bounds @$crc32+0x74 {0:v12 40:v5}
  v16 = i32.load v14 offset=1024 @$crc32+0x74
  v17 = i32.lt_u v12 v2 @$crc32+0x7a
  guard.true v17 !branch @$crc32+0x7d {0:v12 40:v16}
  jump b1
`;

const IR_FOLDED = IR_BUILT.replace('  v9 = i32.const 255 @$crc32+0x66\n', '').replace(
  'i32.and v8 v9',
  'i32.and v8 255',
);
const IR_GUARDS = IR_FOLDED.split('\n')
  .filter((l) => !l.includes('v15 = guard.bounds'))
  .join('\n');

const CODE: NonNullable<FragmentStats['code']> = {
  guest: `(func $crc32 (param i32 i32) (result i32)
  (local i32)
  loop                       ;; $crc32+0x5e
    local.get 2              ;; $crc32+0x60
    local.get 0
    i32.load8_u              ;; $crc32+0x62
    i32.xor                  ;; $crc32+0x65
    i32.const 255            ;; $crc32+0x66
    i32.and                  ;; $crc32+0x69
    i32.const 1              ;; $crc32+0x6c
    i32.add                  ;; $crc32+0x6e
    i32.const 2              ;; $crc32+0x71
    i32.shl                  ;; $crc32+0x73
    i32.load offset=1024     ;; $crc32+0x74
    i32.lt_u                 ;; $crc32+0x7a
    br_if 0                  ;; $crc32+0x7d
  end
)
`,
  trace: `trace T1 root $crc32+0x5e
$crc32+0x5e loop
$crc32+0x62 i32.load8_u
$crc32+0x65 i32.xor
$crc32+0x69 i32.and
$crc32+0x6e i32.add
$crc32+0x73 i32.shl
$crc32+0x74 i32.load offset=1024
$crc32+0x7a i32.lt_u
$crc32+0x7d br_if 0 -> taken
closes $crc32+0x5e
`,
  ir: [
    { pass: 'built', text: IR_BUILT, removed: 0, rules: {} },
    { pass: 'fold', text: IR_FOLDED, removed: 1, rules: { 'const-operand': 1 } },
    { pass: 'guards', text: IR_GUARDS, removed: 1, rules: { 'bounds-by-mask': 1 } },
  ],
  wat: `(func $T1 (param $fp i32) (param $exit i32) (result i32 i32)
  (local $v4 i32) (local $v5 i32)
  loop $b1
    local.get $v5
    local.get $v4
    i32.load8_u            ;; $crc32+0x62
    i32.xor                ;; $crc32+0x65
    i32.const 255
    i32.and                ;; $crc32+0x69
    i32.load offset=1024   ;; $crc32+0x74
    local.set $v5
    br_if $b1              ;; $crc32+0x7d
  end
  return_call $exit2       ;; $crc32+0x7d
)
`,
};

function exit(
  id: number,
  reason: string,
  offset: number,
  count: number,
  link: number | null,
  name = 'crc32',
): FragmentExit {
  return { id, reason, func: 1, name, offset, count, link };
}

function fragment(over: Partial<FragmentStats> & Pick<FragmentStats, 'id' | 'instructions' | 'exits'>): FragmentStats {
  return {
    kind: 'root',
    func: 1,
    name: 'crc32',
    offset: 0x5e,
    parent: null,
    loops: true,
    recorded: 14,
    irBefore: 23,
    irAfter: 21,
    bytes: 214,
    stubBytes: 40,
    metadataBytes: 96,
    entries: 10,
    iterations: 1000,
    time: null,
    live: true,
    compile_ms: 0.183,
    ...over,
  };
}

const OPTIONS = {
  mode: 'trace',
  'hot-loop': 1000,
  'hot-exit': 500,
  'max-trace': 4000,
  'cache-size': 8388608,
  O: 3,
  policy: 'net',
};

/** A run over CRC-32 with three fragments, one of them with code, an abort and a warm-up. */
export function smallRun(): Stats {
  const fragments = [
    fragment({
      id: 1,
      instructions: 940_000_000,
      entries: 67_108,
      iterations: 67_108_864,
      time: 0.81,
      code: CODE,
      exits: [exit(0, 'loop', 0x5e, 60_000, 1), exit(1, 'bounds', 0x62, 0, null), exit(2, 'branch', 0x7d, 7_108, 2)],
    }),
    fragment({
      id: 2,
      kind: 'side',
      parent: { fragment: 1, exit: 2 },
      loops: false,
      offset: 0x7d,
      instructions: 40_000_000,
      entries: 7_108,
      iterations: 0,
      time: 0.09,
      exits: [exit(0, 'end', 0x5e, 7_000, 1), exit(1, 'callee', 0x91, 108, null)],
    }),
    fragment({
      id: 3,
      kind: 'entry',
      name: 'table_init',
      func: 2,
      offset: 0x120,
      instructions: 8_000_000,
      entries: 256,
      iterations: 2048,
      time: null,
      live: false,
      exits: [exit(0, 'return', 0x160, 256, null, 'table_init')],
    }),
  ];
  return {
    schema: 1,
    tool: { name: 'wynamo', version: '0.1.0' },
    engine: { node: '26.10.0', v8: '14.6.202.33', platform: 'linux', arch: 'x64', flags: ['--no-liftoff'] },
    module: { path: '/home/user/guests/crc32.wasm', sha256: '9f2c'.repeat(16), bytes: 1834, functions: 6 },
    mode: 'trace',
    nativeReason: null,
    options: OPTIONS,
    time_ms: {
      interpret: 41.2,
      record: 1.4,
      optimize: 3.1,
      compile: 2.2,
      translate: 0.8,
      fragments: 612.5,
      host: 4.1,
      total: 677.1,
    },
    instructions: { interpreter: 12_000_000, fragments: 988_000_000, total: 1_000_000_000, coverage: 0.988 },
    traces: { recorded: 4, compiled: 3, aborted: { 'too-large': 1, 'interpreter-only': 2 } },
    fragments,
    passes: [
      { name: 'fold', removed: 31, added: 4, ms: 0.4, rules: { 'const-operand': 21, 'add-zero': 6 } },
      { name: 'cse', removed: 12, added: 0, ms: 0.3, rules: { same: 12 } },
      { name: 'guards', removed: 18, added: 2, ms: 0.6, rules: { 'bounds-by-mask': 9, dominated: 9 } },
      { name: 'dce', removed: 22, added: 0, ms: 0.2, rules: { unused: 22 } },
    ],
    cache: { bytes: 930, budget: 8_388_608, flushes: 0, evicted: 0, links: 3, fragments: 2 },
    exits: {
      taken: 74_472,
      forced: 0,
      byReason: { loop: 60_000, branch: 7_108, end: 7_000, return: 256, callee: 108 },
    },
    functions: [
      { index: 1, name: 'crc32', offset: 0x40, entries: 256, instructions: 985_000_000 },
      { index: 2, name: 'table_init', offset: 0x110, entries: 1, instructions: 15_000_000 },
    ],
    loops: [
      { func: 1, name: 'crc32', offset: 0x5e, heads: 67_110_000 },
      { func: 2, name: 'table_init', offset: 0x120, heads: 2_304 },
    ],
    aborts: [
      { func: 0, name: '_start', offset: 0x30, reason: 'interpreter-only', count: 2, blacklisted: true },
      { func: 2, name: 'table_init', offset: 0x118, reason: 'too-large', count: 1, blacklisted: false },
    ],
    timeline: [
      { t_ms: 2.5, instructions: 90_000, fragmentInstructions: 0, event: 'root', fragment: 3 },
      { t_ms: 6.1, instructions: 400_000, fragmentInstructions: 120_000, event: 'root', fragment: 1 },
      { t_ms: 61, instructions: 60_000_000, fragmentInstructions: 54_000_000, event: 'side', fragment: 2 },
      { t_ms: 140, instructions: 190_000_000, fragmentInstructions: 182_000_000, event: 'abort' },
    ],
  };
}

/** A run that never left the interpreter. */
export function interpretedRun(): Stats {
  const run = smallRun();
  return {
    ...run,
    mode: 'interp',
    module: { ...run.module, path: 'guests/fib.wat', sha256: '51b0'.repeat(16) },
    time_ms: {
      ...run.time_ms,
      record: 0,
      optimize: 0,
      compile: 0,
      fragments: 0,
      interpret: 2100,
      total: 2140,
    },
    instructions: { interpreter: 1_000_000_000, fragments: 0, total: 1_000_000_000, coverage: 0 },
    traces: { recorded: 0, compiled: 0, aborted: {} },
    fragments: [],
    passes: [],
    cache: { bytes: 0, budget: 8_388_608, flushes: 0, evicted: 0, links: 0, fragments: 0 },
    exits: { taken: 0, forced: 0, byReason: {} },
    aborts: [],
    timeline: [],
  };
}

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A run with `n` fragments whose hotness falls off like a power law: a third are roots, the others hang on exits of
 * earlier fragments. With `code`, every fragment has some 12 kB of code of its own.
 */
export function manyFragments(n: number, code = false, seed = 1): Stats {
  const next = random(seed);
  const int = (most: number) => Math.floor(next() * most);
  const base = smallRun();
  const reasons = ['branch', 'bounds', 'callee', 'loop', 'end', 'switch'];
  const fragments: FragmentStats[] = [];
  for (let id = 1; id <= n; id++) {
    const root = id === 1 || next() < 0.33;
    const parent = root ? null : fragments[int(fragments.length)]!;
    const func = int(400);
    const name = `js_${['call', 'array', 'string', 'parse', 'regexp'][func % 5]}_${func}`;
    const offset = 4000 + func * 900 + int(800);
    const exits = Array.from({ length: 2 + int(9) }, (_, k) =>
      exit(
        k,
        reasons[int(6)]!,
        offset + 3 * k,
        next() < 0.4 ? 0 : int(1e6 / id),
        next() < 0.4 ? 1 + int(n) : null,
        name,
      ),
    );
    const f = fragment({
      id,
      func,
      name,
      offset,
      exits,
      instructions: Math.floor((4e9 * next()) / id ** 1.15),
      loops: root,
    });
    if (parent) {
      const at = int(parent.exits.length);
      parent.exits[at]!.link = id;
      Object.assign(f, { kind: 'side', parent: { fragment: parent.id, exit: at } });
    }
    Object.assign(f, {
      recorded: 10 + int(900),
      irBefore: 30 + int(1500),
      irAfter: 20 + int(900),
      bytes: 200 + int(9000),
      stubBytes: int(500),
      metadataBytes: 100 + int(3000),
    });
    if (code) f.code = manyLines(f, int);
    fragments.push(f);
  }
  const inFragments = fragments.reduce((s, f) => s + f.instructions, 0);
  const total = Math.floor(inFragments / 0.94);
  const taken = fragments.flatMap((f) => f.exits).reduce((s, e) => s + e.count, 0);
  const byReason: Record<string, number> = {};
  for (const e of fragments.flatMap((f) => f.exits)) byReason[e.reason] = (byReason[e.reason] ?? 0) + e.count;
  return {
    ...base,
    module: {
      ...base.module,
      path: 'node_modules/quickjs-wasi/quickjs.wasm',
      sha256: 'c4a7'.repeat(16),
      bytes: 1_300_000,
      functions: 1900,
    },
    time_ms: {
      interpret: 2100,
      record: 180,
      optimize: 900,
      compile: 1400,
      translate: 60,
      fragments: 9000,
      host: 120,
      total: 14_700,
    },
    instructions: { interpreter: total - inFragments, fragments: inFragments, total, coverage: inFragments / total },
    traces: { recorded: n + 40, compiled: n, aborted: { 'too-long': 25, 'host-call': 15 } },
    fragments,
    cache: {
      ...base.cache,
      bytes: fragments.reduce((s, f) => s + f.bytes + f.metadataBytes, 0),
      budget: 64e6,
      links: n,
    },
    exits: { taken, forced: 0, byReason },
    functions: Array.from({ length: 400 }, (_, i) => ({
      index: i,
      name: `js_fn_${i}`,
      offset: 4000 + i * 900,
      entries: int(1e6),
      instructions: Math.floor(total / (i + 2) ** 2),
    })),
    loops: Array.from({ length: 150 }, (_, i) => ({
      func: i,
      name: `js_fn_${i}`,
      offset: 4010 + i * 900,
      heads: Math.floor(1e9 / (i + 1)),
    })),
    timeline: fragments.map((f, i) => {
      const t = ((i + 1) / n) ** 2;
      return {
        t_ms: Math.round(12_000_000 * t) / 1000,
        instructions: Math.floor(total * 0.8 * t ** 1.4),
        fragmentInstructions: Math.floor(total * 0.8 * t ** 1.5 * 0.93),
        event: f.kind,
        fragment: f.id,
      };
    }),
  };
}

function manyLines(f: FragmentStats, int: (most: number) => number): NonNullable<FragmentStats['code']> {
  const line = (i: number) =>
    `  v${i} = i32.add v${int(i + 1)} v${int(i + 1)} @$${f.name}+0x${(f.offset + i).toString(16)}`;
  const lines = Array.from({ length: 70 }, (_, i) => line(i));
  const ir = ['built', 'fold', 'cse', 'dce'].map((pass, k) => ({
    pass,
    text: lines.filter((_, i) => k === 0 || i % 9 >= k).join('\n'),
    removed: k * 7,
    rules: { same: k },
  }));
  const plain = lines.map((l) => l.replace(/.*@/, 'i32.add ;; ')).join('\n');
  return { guest: plain, trace: plain, ir, wat: plain };
}
