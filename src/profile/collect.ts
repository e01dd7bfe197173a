/** Gathers all figures of a run into the published form. */
import { readFileSync } from 'node:fs';
import { sha256 } from '../builtin.ts';
import type { Fragment } from '../cache/fragment.ts';
import { constText } from '../ir/print.ts';
import { CTL, EXIT, FRAGMENT } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import type { Options } from '../options.ts';
import { decodeModule } from '../wasm/decode.ts';
import { localName } from '../wasm/names.ts';
import { countFlow, type FlowCounts, tripsBegun } from './flow.ts';
import type { Sampler } from './sampler.ts';
import type { AssumedLocal, FragmentStats, Stats } from './schema.ts';

let version: string | null = null;

/** Version of this package. */
export function toolVersion(): string {
  version ??= (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version;
  return version;
}

function common(
  bytes: Uint8Array,
  options: Options,
  functions: number,
): Pick<Stats, 'schema' | 'tool' | 'engine' | 'module' | 'options'> {
  return {
    schema: 1,
    tool: { name: 'wynamo', version: toolVersion() },
    engine: {
      node: process.version,
      v8: process.versions.v8,
      platform: process.platform,
      arch: process.arch,
      flags: process.execArgv,
    },
    module: { path: null, sha256: sha256(bytes), bytes: bytes.length, functions },
    options: { ...options },
  };
}

const NO_TIME = {
  interpret: 0,
  record: 0,
  optimize: 0,
  compile: 0,
  translate: 0,
  fragments: 0,
  host: 0,
  total: 0,
};

/** Figures of a run without the machine. `ms`: time since the module was opened. */
export function nativeStats(bytes: Uint8Array, options: Options, reason: string | null, ms: number): Stats {
  return {
    ...common(bytes, options, decodeModule(bytes).functions.length),
    mode: 'native',
    nativeReason: reason,
    time_ms: { ...NO_TIME, total: ms },
    instructions: { interpreter: 0, fragments: 0, total: 0, coverage: 0 },
    traces: { recorded: 0, compiled: 0, aborted: {} },
    fragments: [],
    passes: [],
    cache: { bytes: 0, budget: options.cacheSize, flushes: 0, evicted: 0, links: 0, fragments: 0 },
    exits: { taken: 0, forced: 0, byReason: {} },
    functions: [],
    loops: [],
    aborts: [],
    timeline: [],
  };
}

export function collectStats(machine: Machine, sampler: Sampler | null): Stats {
  const { memory, options, cache } = machine;
  const flow = countFlow(machine);
  const flushed = [...flow.fragments.values()].reduce((a, b) => a + b, 0);
  // A fragment may be entered and left between two counted places: what lies before or behind belongs to the other side.
  for (const f of cache.all) flow.fragments.set(f.id, (flow.fragments.get(f.id) ?? 0) + uncounted(machine, f));
  const inFragments = [...flow.fragments.values()].reduce((a, b) => a + b, 0);
  const counted = memory.count(CTL.icount);
  // With fuel the machine's own count includes what fragments did.
  const total = options.fuel > 0 ? counted : counted + flushed;
  const interpreter = total - inFragments;
  const aborted: Record<string, number> = {};
  for (const a of machine.aborts.values()) aborted[a.reason] = (aborted[a.reason] ?? 0) + a.count;
  const byReason: Record<string, number> = {};
  let taken = 0;
  for (const f of cache.all) {
    for (const e of f.exits) {
      const n = e.live ? memory.count(e.record + EXIT.count) : 0;
      if (n === 0) continue;
      taken += n;
      byReason[e.snap.reason] = (byReason[e.snap.reason] ?? 0) + n;
    }
  }
  const compiled = cache.all.length;
  const abortCount = Object.values(aborted).reduce((a, b) => a + b, 0);
  return {
    ...common(machine.bytes, options, machine.module.functions.length),
    mode: options.mode,
    nativeReason: null,
    time_ms: times(machine, sampler),
    instructions: { interpreter, fragments: inFragments, total, coverage: total > 0 ? inFragments / total : 0 },
    traces: { recorded: compiled + abortCount, compiled, aborted },
    fragments: cache.all.map((f) => fragmentStats(machine, f, flow, sampler)),
    passes: [...machine.compiler.passes].map(([name, p]) => ({
      name,
      removed: p.removed,
      added: p.added,
      ms: p.ms,
      rules: Object.fromEntries(p.rules),
    })),
    optimizer: optimizerStats(machine),
    cache: {
      bytes: cache.stats.bytes,
      budget: options.cacheSize,
      flushes: cache.stats.flushes,
      evicted: cache.stats.evicted,
      links: cache.stats.links,
      fragments: cache.all.filter((f) => f.live).length,
    },
    ...backgroundStats(machine),
    exits: { taken, forced: memory.count(CTL.forced), byReason },
    functions: functionStats(machine, flow),
    loops: loopStats(machine, flow),
    aborts: [...machine.aborts.values()].map((a) => {
      const at = machine.map.at(a.pc);
      return {
        func: at?.code.func ?? -1,
        name: at ? machine.functionName(at.code.func) : '?',
        offset: at?.offset ?? 0,
        reason: a.reason,
        count: a.count,
        blacklisted: a.blacklisted,
      };
    }),
    timeline: machine.timeline.map((p) => ({
      t_ms: p.ms,
      instructions: p.instructions,
      fragmentInstructions: p.fragmentInstructions,
      event: p.event,
      ...(p.fragment === undefined ? {} : { fragment: p.fragment }),
    })),
  };
}

function optimizerStats({ compiler: { fuel } }: Machine): NonNullable<Stats['optimizer']> {
  return { runs: fuel.runs, firings: fuel.firings, lastRun: fuel.lastRun, lastFiring: fuel.lastFiring };
}

/** Guest instructions of a fragment that the counted places on its path do not show. */
function uncounted(machine: Machine, f: Fragment): number {
  const { memory, map } = machine;
  const pending = (pc: number) => map.at(pc)?.pending ?? 0;
  let n = 0;
  let left = 0;
  for (const e of f.exits) {
    if (!e.live) continue;
    const count = memory.count(e.record + EXIT.count);
    left += count;
    // A call out of which an exception came has been counted.
    if (e.snap.reason !== 'thrown') n += count * pending(e.snap.pc);
  }
  return n - left * pending(f.pc);
}

function times(machine: Machine, sampler: Sampler | null): Stats['time_ms'] {
  const { ms, origin } = machine.timers;
  const total = performance.now() - origin;
  const samples = sampler?.read();
  // Samples say how the rest of the time divides; timers are exact for what TypeScript does.
  const busy = Math.max(0, total - ms.record - ms.optimize - ms.compile - ms.translate);
  const guest = samples
    ? samples.byState.interpret + samples.byState.fragment + samples.byState.host + samples.byState.idle
    : 0;
  const share = (n: number) => (guest > 0 ? (busy * n) / guest : 0);
  return {
    interpret: share(samples?.byState.interpret ?? 0),
    record: ms.record,
    optimize: ms.optimize,
    compile: ms.compile,
    translate: ms.translate,
    fragments: share(samples?.byState.fragment ?? 0),
    host: share(samples?.byState.host ?? 0),
    total,
  };
}

function fragmentStats(machine: Machine, f: Fragment, flow: FlowCounts, sampler: Sampler | null): FragmentStats {
  const { memory } = machine;
  const samples = sampler?.read();
  return {
    id: f.id,
    kind: f.kind,
    func: f.loc.func,
    name: machine.functionName(f.loc.func),
    offset: f.loc.offset,
    parent: f.parent && f.parentFragment ? { fragment: f.parentFragment.id, exit: f.parent.id } : null,
    loops: f.loops,
    recorded: f.pcs.length,
    irBefore: f.irBefore,
    irAfter: f.irAfter,
    bytes: f.bytes,
    stubBytes: f.stubBytes,
    metadataBytes: FRAGMENT.bytes + EXIT.bytes * f.exits.length,
    entries: memory.count(f.record + FRAGMENT.entries),
    iterations: tripsBegun(machine, f),
    instructions: flow.fragments.get(f.id) ?? 0,
    time: samples && samples.total > 0 ? (samples.byFragment.get(f.id) ?? 0) / samples.total : null,
    live: f.live,
    ...(f.assumed.length > 0 ? { assumed: assumedLocals(machine, f) } : {}),
    exits: f.exits
      .filter((e) => e.live)
      .map((e) => ({
        id: e.id,
        reason: e.snap.reason,
        func: e.snap.loc.func,
        offset: e.snap.loc.offset,
        name: machine.functionName(e.snap.loc.func),
        count: memory.count(e.record + EXIT.count),
        link: e.link?.id ?? null,
      })),
    compile_ms: f.compileMs,
    ...(f.code ? { code: f.code } : {}),
  };
}

function assumedLocals({ map, module }: Machine, { assumed, loc }: Fragment): AssumedLocal[] {
  return assumed.map(({ off, type, bits }) => {
    const local = map.of(loc.func)?.locals.findIndex((l) => l.off === off) ?? -1;
    const name = localName(module, loc.func, local);
    return {
      local,
      ...(name === null ? {} : { name }),
      type: type === 'i64' ? 'i64' : 'i32',
      value: constText(type, bits),
    };
  });
}

function functionStats(machine: Machine, flow: FlowCounts): Stats['functions'] {
  return machine.map
    .all()
    .map((code) => {
      const c = flow.functions.get(code.func);
      return {
        index: code.func,
        name: machine.functionName(code.func),
        offset: machine.module.code[code.func - machine.module.importedFunctions]?.start ?? 0,
        entries: c?.entries ?? 0,
        instructions: (c?.interpreted ?? 0) + (c?.inFragments ?? 0),
      };
    })
    .sort((a, b) => b.instructions - a.instructions || a.index - b.index);
}

function loopStats(machine: Machine, flow: FlowCounts): Stats['loops'] {
  const list: Stats['loops'] = [];
  for (const code of machine.map.all()) {
    for (const loop of code.loops) {
      const pc = code.base + 4 * loop.word;
      list.push({
        func: code.func,
        name: machine.functionName(code.func),
        offset: loop.offset,
        heads: flow.heads.get(pc) ?? 0,
      });
    }
  }
  return list.sort((a, b) => b.heads - a.heads || a.offset - b.offset);
}

/** Only where something was given away: other runs have nothing to tell. */
function backgroundStats({ compiler }: Machine): Pick<Stats, 'background'> {
  const { fragments, bytes, waiting, superseded } = compiler.background.stats;
  return fragments + superseded > 0 ? { background: { fragments, bytes, waiting_ms: waiting, superseded } } : {};
}
