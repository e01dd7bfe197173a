/**
 * When linear traces give way to regions. A hot exit inside a loop shows that one path through it is not enough: the
 * loop then becomes a region of all ways taken so far, and so does every loop whose body has other loops, once it is hot
 * itself. Each new hot exit of a region lets it grow, ever more rarely. Exits outside of loops go on as side traces.
 */

import { STRIP } from '../cache/cache.ts';
import type { Fragment, FragmentExit } from '../cache/fragment.ts';
import { EXIT } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { CompileBudget } from './budget.ts';
import { EdgeProfile, type Ways } from './edges.ts';
import { formRegion } from './form.ts';
import type { RegionGraph } from './graph.ts';
import { SHORTEST, StripLengths } from './lengths.ts';
import { loopsAround, loopsOf } from './loops.ts';

/** Executions of a loop head that make it worth a region. */
const ITERATES = 8;
/** Times that a region may be made anew at one head. */
const MAX_BUILDS = 6;
/** Exits of a region are asked about this much more rarely after each time that it was made. */
const GROWTH = 4;

/** How much the count of a place must have risen until it is asked about again, when it could not be afforded. */
const PATIENCE = 1.5;

/** Times that an exit waits for another region to make it rare. */
const WAITS = 2;

/** Instructions of a small region: when not even that may be compiled, nothing is formed. */
const SMALL = 50;

interface Root {
  builds: number;
  /** Instructions of the graph when it was last made or tried. */
  size: number;
  failed: boolean;
}

export class Regions {
  readonly edges: EdgeProfile;
  readonly budget: CompileBudget;
  readonly lengths: StripLengths;
  private readonly machine: Machine;
  private readonly roots = new Map<number, Root>();
  /** Instructions of the graph last formed at an address, made or not: forming takes time, too. */
  private readonly sizes = new Map<number, number>();
  /** How often an exit has waited for a region that it should come to. */
  private readonly waits = new WeakMap<FragmentExit, number>();

  constructor(machine: Machine) {
    this.machine = machine;
    this.edges = new EdgeProfile(machine);
    this.budget = new CompileBudget(machine);
    this.lengths = new StripLengths(machine);
  }

  get enabled(): boolean {
    const { options, policy } = this.machine;
    // With fuel every loop needs a bound in guest instructions, which only linear loops have.
    return policy.regions && options.maxRegion > 0 && options.fuel === 0;
  }

  /** True where a region like the one formed there before, or else a small one, may be compiled. */
  private affords(pc: number, exits = 0): boolean {
    return this.allows(pc, this.sizes.get(pc) ?? SMALL, exits);
  }

  private allows(pc: number, size: number, exits = 0): boolean {
    return this.budget.allows(size, { executions: this.budget.unpaid(pc), exits });
  }

  /** A function is hot. True: a region was made of it, or will be when it is worth it. */
  hotEntry(pc: number): boolean {
    if (!this.enabled || this.roots.get(pc)?.failed) return false;
    if (!this.affords(pc)) return this.later(pc);
    this.edges.refresh();
    const graph = this.form(pc);
    if (!graph) return false;
    // Small leaves are mostly inlined into regions; to enter a fragment and leave it takes longer than to interpret them.
    const leaf = graph.loops === 0 && graph.calls === 0 && graph.size < this.machine.options.minRegion;
    if (leaf && !this.machine.cache.isCalled(pc)) return this.later(pc);
    return this.allows(pc, graph.size) ? this.make(pc, graph) : this.later(pc);
  }

  /** A loop head is hot. True: a region was made for it, because its body has loops or calls, or will be later. */
  hotHead(pc: number): boolean {
    if (!this.enabled || this.roots.get(pc)?.failed) return false;
    if (!this.affords(pc)) return this.later(pc);
    this.edges.refresh();
    const graph = this.form(pc);
    // One path without calls is what a recorded trace shows as well.
    if (!graph || (graph.loops < 2 && graph.calls === 0)) return false;
    return this.allows(pc, graph.size) ? this.make(pc, graph) : this.later(pc);
  }

  /** A region of whatever begins there, however many ways it has. True: there is one, or will be when it is worth it. */
  whole(pc: number): boolean {
    if (this.roots.get(pc)?.failed) return false;
    if (!this.affords(pc)) return this.later(pc);
    this.edges.refresh();
    const graph = this.form(pc);
    if (!graph) return false;
    return this.allows(pc, graph.size) ? this.make(pc, graph) : this.later(pc);
  }

  /** The region of ways that are known for the whole run, with so many arrivals; `later`: not affordable yet. */
  exact(pc: number, ways: Ways, arrivals: number): 'made' | 'later' | 'none' {
    const graph = this.graphOf(pc, ways, false);
    if (!graph) return 'none';
    if (!this.budget.allows(graph.size, { executions: arrivals })) return 'later';
    return this.make(pc, graph) ? 'made' : 'none';
  }

  /** An exit is hot. True: a region was made for it, or there is one already that it will come to. */
  hotExit(fragment: Fragment, exit: FragmentExit): boolean {
    if (!this.enabled) return false;
    const exits = this.machine.memory.count(exit.record + EXIT.count);
    if (!this.budget.allows(SMALL, { exits })) {
      this.postpone(exit, PATIENCE);
      return true;
    }
    this.edges.refresh();
    const above = regionAbove(fragment);
    for (const root of new Set([...(above ? [above.pc] : []), ...this.candidates(exit)])) {
      const known = this.roots.get(root);
      if (known?.failed) continue;
      if (this.machine.compiler.background.has(root)) {
        this.postpone(exit);
        return true;
      }
      if (!this.affords(root, exits)) {
        this.postpone(exit, PATIENCE);
        return true;
      }
      const graph = this.form(root);
      if (!graph) continue;
      const own = above?.pc === root;
      // Of a trace behind the region's exits, which may long have left it.
      if (own && above !== fragment && !contains(graph, exit)) continue;
      if (known && known.size === graph.size) {
        // Nothing new: one of the region's own exits leaves the loop.
        if (own) continue;
        if (this.machine.cache.at(root)?.region) {
          if (!this.waitsFor(exit)) continue;
          this.postpone(exit);
          return true;
        }
      }
      if (known && known.builds >= MAX_BUILDS) continue;
      if (!this.allows(root, graph.size, exits)) {
        this.postpone(exit, PATIENCE);
        return true;
      }
      if (!this.make(root, graph)) continue;
      this.postpone(exit);
      return true;
    }
    return false;
  }

  /**
   * True where an exit goes on waiting for a region that is there. That makes exits rare which it comes before; those that
   * go on as before lead out of ways that the region does not have, like a call of another function than until now.
   */
  private waitsFor(exit: FragmentExit): boolean {
    const waits = this.waits.get(exit) ?? 0;
    this.waits.set(exit, waits + 1);
    return waits < WAITS;
  }

  /** Heads of the loops around an exit, the one that should become a region first. */
  private candidates(exit: FragmentExit): number[] {
    const { map, memory, arms, heads } = this.machine;
    const found: number[] = [];
    for (const pc of exit.places) {
      const code = map.at(pc)?.code;
      if (!code) continue;
      const around = loopsAround(loopsOf(code, memory.i32, arms), pc);
      const least = Math.min(ITERATES, this.machine.options.hotLoop);
      for (const [i, { head }] of around.entries()) {
        if (i === around.length - 1 || heads.count(head) >= least) found.push(head);
      }
    }
    return found;
  }

  private form(root: number): RegionGraph | null {
    const graph = this.graphOf(root, this.edges, false);
    if (graph) this.sizes.set(root, graph.size);
    return graph;
  }

  /** The region of the given ways that begins at `root`; null where there is none. `anywhere`: `root` is no head. */
  graphOf(root: number, edges: Ways, anywhere: boolean): RegionGraph | null {
    const { memory, arms, map, options } = this.machine;
    const graph = formRegion(
      {
        words: memory.i32,
        count: (address) => memory.count(address),
        arms,
        map,
        edges,
        mirrored: (table) => this.machine.mirrors.address(table) !== null,
        maxSize: options.maxRegion,
        maxInline: options.maxInline,
      },
      root,
      anywhere,
    );
    return typeof graph === 'string' ? null : graph;
  }

  private make(pc: number, graph: RegionGraph): boolean {
    const { machine } = this;
    const root = this.roots.get(pc) ?? { builds: 0, size: 0, failed: false };
    this.roots.set(pc, root);
    const trigger = machine.options.hotExit * GROWTH ** Math.min(root.builds, MAX_BUILDS);
    root.builds++;
    root.size = graph.size;
    const reason = machine.compiler.compileRegion({ start: pc, graph, trigger });
    if (reason === null) return true;
    root.failed = true;
    machine.abort(pc, reason, true);
    return false;
  }

  /** Iterations of the outermost loop after which a region is left, at first: inner loops make each of them longer. */
  strip(graph: RegionGraph): number {
    if (graph.loops < 2) return STRIP;
    const { heads } = this.machine;
    let inner = 0;
    for (const b of graph.blocks) if (b.header && b !== graph.root) inner += heads.count(b.pc);
    const trips = inner / Math.max(1, heads.count(graph.root.pc));
    return Math.max(SHORTEST, Math.min(STRIP, Math.round(STRIP / Math.max(16, trips))));
  }

  /** The head is asked about again when its count has risen by half. */
  private later(pc: number): true {
    const { heads } = this.machine;
    heads.rearm(pc, Math.round(heads.count(pc) * (PATIENCE - 1)));
    return true;
  }

  private postpone(exit: FragmentExit, growth = GROWTH): void {
    const { memory } = this.machine;
    const count = memory.count(exit.record + EXIT.count);
    memory.setLong(exit.record + EXIT.trigger, BigInt(Math.max(count + 1, Math.round(count * growth))));
  }
}

/** The region that the fragment is, or from whose exits it comes. */
function regionAbove(fragment: Fragment): Fragment | null {
  let at: Fragment | null = fragment;
  while (at && !at.region) at = at.parentFragment;
  return at;
}

function contains({ blocks }: RegionGraph, { places }: FragmentExit): boolean {
  const pc = places.at(-1) as number;
  return blocks.some((b) => b.steps.includes(pc));
}
