/**
 * The control flow of one function as a graph whose edges can be counted. Vertices are straight lines of instructions and
 * the places where lines meet; each edge knows where code that counts it would stand. Flow is conserved at every vertex,
 * also at the end, from which an edge leads back to the entry: so few counted edges give all others (`flow.ts`).
 *
 * What an instruction's executions are follows the machine: `loop` is executed when it is entered from above, `end` and
 * `else` by everything that arrives there, `unreachable` never.
 *
 * In modules with exception handlers a call may end in the air (vertex AIR), from where flow goes on at handlers or leaves
 * the function. In others nobody goes on in a frame that an exception leaves.
 */
import { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opensBlock } from '../wasm/row.ts';
import { scan } from '../wasm/scan.ts';

/** Where code that counts an edge stands: before or behind an instruction, or with the condition of a branch. */
export type Placement = 'entry' | 'before' | 'behind' | 'taken' | 'else' | 'table' | 'none';

export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly place: Placement;
  /** Byte offset of the instruction; for `behind` that of what follows it. */
  readonly at: number;
  /** Which target of a br_table. */
  readonly index: number;
  /** Estimated executions for each entry of the function. */
  readonly weight: number;
  /** Innermost loop around the place, or -1. */
  readonly loop: number;
}

export interface LoopInfo {
  /** Byte offset of the `loop` instruction. */
  readonly offset: number;
  /** Vertex through which every arrival at the head goes. */
  readonly head: number;
  /** Edge by which the loop is entered from above. */
  readonly enter: number;
  readonly parent: number;
  /** Something in it may leave the function without being seen here. */
  calls: boolean;
  /** Places that control reaches first when it leaves the loop: byte offsets, -1 for the function's end. */
  exits: number[];
}

export interface BranchInfo {
  readonly offset: number;
  readonly op: string;
  /** Edges by outcome: taken, not taken; then, else; targets of a br_table in order, the default last. */
  readonly edges: readonly number[];
}

export const ENTRY = 0;
export const EXIT = 1;
export const AIR = 2;

export interface FlowGraph {
  readonly func: number;
  readonly vertices: number;
  readonly edges: readonly Edge[];
  /** Byte offset and vertex of each reachable instruction; `else` and `catch` come twice where two ways lead to them. */
  readonly offsets: readonly number[];
  readonly vertexOf: readonly number[];
  readonly loops: readonly LoopInfo[];
  readonly branches: readonly BranchInfo[];
  /** Offsets of `return` with the number of labels around each. */
  readonly returns: ReadonlyMap<number, number>;
  readonly handlers: boolean;
}

interface Label {
  readonly kind: 'func' | 'block' | 'loop' | 'if' | 'try';
  /** Vertex that branches go to; -1 while nothing does. */
  target: number;
  /** Branches that arrive there. */
  arrivals: number;
  /** Vertex of an `if` that has had no `else` yet, and its offset. */
  open: number;
  openAt: number;
  /** Never merged with what follows, since handlers lead there. */
  caught: boolean;
  readonly weight: number;
  /** Loops that are left by branches to this label. */
  readonly left: Set<number>;
  loop: number;
  /** Behind the instruction of a loop. */
  body: number;
  /** Branch of an `if`. */
  branch: number;
}

const HANDLING = ['try', 'try_table', 'throw', 'throw_ref', 'rethrow'];

/** True where exceptions may be caught inside the module. */
export function hasHandlers(module: WasmModule): boolean {
  const { ops } = scan(module);
  return HANDLING.some((name) => ops.has(name));
}

/** Executions of a loop's body for each time that it is entered, as an estimate. */
const TRIPS = 8;

class GraphBuilder {
  readonly edges: Edge[] = [];
  readonly offsets: number[] = [];
  readonly vertexOf: number[] = [];
  readonly loops: LoopInfo[] = [];
  readonly branches: BranchInfo[] = [];
  readonly returns = new Map<number, number>();
  vertices = 3;
  private readonly labels: Label[] = [];
  private readonly body: BodyReader;
  private readonly handlers: boolean;
  private current = ENTRY;
  private weight = 1;
  private loop = -1;
  private nested = 0;
  private flies = false;
  private readonly caught = new Set<number>();

  constructor(body: BodyReader, handlers: boolean) {
    this.body = body;
    this.handlers = handlers;
  }

  build(): void {
    const { body } = this;
    // Rather counted than the function's end, which an exception may not reach.
    this.edge(EXIT, ENTRY, 'entry', body.start, 0.99);
    this.open('func', EXIT);
    while (body.next()) {
      if (this.current < 0) this.skip();
      else this.visit();
    }
    if (!this.flies) return;
    for (const target of this.caught) this.edge(AIR, target, 'none', body.start, 0.001);
    if (!this.caught.has(EXIT)) this.edge(AIR, EXIT, 'none', body.start, 0.001);
  }

  private vertex(): number {
    return this.vertices++;
  }

  private edge(from: number, to: number, place: Placement, at: number, weight = this.weight, index = 0): number {
    return this.edges.push({ from, to, place, at, index, weight, loop: this.loop }) - 1;
  }

  /** Goes on at a new vertex behind the instruction. */
  private goOn(from: number, weight = this.weight): number {
    const edge = this.edge(from, this.vertex(), 'behind', this.body.pos, weight);
    this.current = this.vertices - 1;
    this.weight = weight;
    return edge;
  }

  private open(kind: Label['kind'], target: number): Label {
    const { weight, loop } = this;
    const label: Label = {
      kind,
      target,
      arrivals: 0,
      open: -1,
      openAt: 0,
      caught: false,
      weight,
      left: new Set(),
      loop,
      body: this.body.pos,
      branch: -1,
    };
    this.labels.push(label);
    return label;
  }

  private note(vertex = this.current): void {
    this.offsets.push(this.body.offset);
    this.vertexOf.push(vertex);
  }

  private at(depth: number): Label {
    return this.labels[this.labels.length - 1 - depth] as Label;
  }

  /** The vertex of a label, as the target of one more arrival. */
  private arrive(label: Label): number {
    if (label.target < 0) label.target = this.vertex();
    label.arrivals++;
    // What a loop counts is written where control is then.
    for (let l = this.loop; l !== label.loop; l = (this.loops[l] as LoopInfo).parent) label.left.add(l);
    return label.target;
  }

  private visit(): void {
    const { body } = this;
    const { op, offset, pos } = body;
    switch (op.name) {
      case 'unreachable':
        this.edge(this.current, EXIT, 'before', offset, 0.001);
        this.current = -1;
        return;
      case 'else':
        return this.doElse();
      case 'end':
        return this.doEnd();
      case 'catch':
      case 'catch_all':
        return this.doCatch();
      case 'delegate':
        return this.doEnd();
    }
    this.note();
    switch (op.name) {
      case 'block':
        this.open('block', -1);
        return;
      case 'loop': {
        const head = this.vertex();
        const enter = this.edge(this.current, head, 'before', offset);
        const label = this.open('loop', head);
        this.loops.push({ offset, head, enter, parent: this.loop, calls: false, exits: [] });
        this.loop = this.loops.length - 1;
        // Branches to the head stay in the loop.
        label.loop = this.loop;
        this.goOn(head, this.weight * TRIPS);
        return;
      }
      case 'if': {
        const from = this.current;
        const label = this.open('if', -1);
        label.open = from;
        label.openAt = offset;
        const taken = this.goOn(from, this.weight / 2);
        label.branch = this.branches.push({ offset, op: 'if', edges: [taken] }) - 1;
        return;
      }
      case 'try_table':
        this.mayLeave();
        for (const clause of body.catches) {
          const target = this.at(clause.label);
          target.caught = true;
          this.caught.add(this.arrive(target));
        }
        this.open('block', -1);
        return;
      case 'try':
        this.mayLeave();
        this.open('try', -1);
        return;
      case 'br':
        this.edge(this.current, this.arrive(this.at(body.a)), 'before', offset);
        this.current = -1;
        return;
      case 'return':
        this.returns.set(offset, this.labels.length - 1);
        this.edge(this.current, this.arrive(this.labels[0] as Label), 'before', offset);
        this.current = -1;
        return;
      case 'br_if':
        return this.branch(body.a, 'taken');
      case 'br_on_null':
      case 'br_on_non_null':
        return this.branch(body.a, 'none');
      case 'br_on_cast':
      case 'br_on_cast_fail':
        return this.branch(body.b, 'none');
      case 'br_table': {
        const weight = this.weight / body.labels.length;
        const edges = body.labels.map((depth, i) =>
          this.edge(this.current, this.arrive(this.at(depth)), 'table', offset, weight, i),
        );
        this.branches.push({ offset, op: op.name, edges });
        this.current = -1;
        return;
      }
      case 'throw':
      case 'throw_ref':
      case 'rethrow':
        this.mayLeave();
        this.flies = true;
        this.edge(this.current, AIR, 'before', offset, 0.01);
        this.current = -1;
        return;
      case 'return_call':
      case 'return_call_indirect':
      case 'return_call_ref':
        this.mayLeave();
        this.edge(this.current, EXIT, 'before', offset);
        this.current = -1;
        return;
    }
    if (op.effect !== 'call') return;
    this.mayLeave();
    if (!this.handlers) return;
    this.flies = true;
    const from = this.current;
    this.edge(from, AIR, 'none', pos, 0.001);
    this.goOn(from);
  }

  /** `depth` is the label of a conditional branch. */
  private branch(depth: number, place: 'taken' | 'none'): void {
    const { offset, op } = this.body;
    const label = this.at(depth);
    const from = this.current;
    const leaves = label.loop !== this.loop;
    const share = label.kind === 'loop' && !leaves ? (TRIPS - 1) / TRIPS : leaves ? 1 / TRIPS : 0.5;
    const taken = this.edge(from, this.arrive(label), place, offset, this.weight * share);
    const rest = this.goOn(from, this.weight * (1 - share));
    this.branches.push({ offset, op: op.name, edges: [taken, rest] });
  }

  private mayLeave(): void {
    for (let l = this.loop; l >= 0; l = (this.loops[l] as LoopInfo).parent) (this.loops[l] as LoopInfo).calls = true;
  }

  private doElse(): void {
    const label = this.at(0);
    const { offset } = this.body;
    if (this.current >= 0) {
      this.note();
      this.edge(this.current, this.arrive(label), 'before', offset);
    }
    this.weight = label.weight / 2;
    const rest = this.goOn(label.open);
    this.otherwise(label, rest);
    this.note();
  }

  /** The second outcome of an `if` is known. */
  private otherwise(label: Label, edge: number): void {
    const { offset, op, edges } = this.branches[label.branch] as BranchInfo;
    this.branches[label.branch] = { offset, op, edges: [...edges, edge] };
    label.open = -1;
  }

  private doCatch(): void {
    const label = this.at(0);
    const { offset, pos } = this.body;
    if (this.current >= 0) {
      this.note();
      this.edge(this.current, this.arrive(label), 'before', offset);
    }
    this.weight = label.weight;
    this.current = this.vertex();
    this.edge(AIR, this.current, 'behind', pos, 0.01);
    this.note();
  }

  private doEnd(): void {
    const label = this.labels.pop() as Label;
    const { offset, pos } = this.body;
    if (label.kind === 'func') {
      this.note();
      this.edge(this.current, EXIT, 'before', offset);
      this.leave(label, -1);
      return;
    }
    if (label.kind === 'loop') {
      const loop = this.loop;
      const info = this.loops[loop] as LoopInfo;
      this.leave(label, label.body);
      this.loop = info.parent;
      if (this.current >= 0) {
        info.exits.push(pos);
        this.note();
        this.weight = label.weight;
      }
      return;
    }
    if (label.open >= 0) {
      const rest = this.edge(label.open, this.arrive(label), 'else', label.openAt, label.weight / 2);
      this.otherwise(label, rest);
    }
    if (this.current >= 0) this.edge(this.current, this.arrive(label), 'before', offset);
    this.leave(label, pos);
    this.weight = label.weight;
    if (label.arrivals === 0) {
      this.current = -1;
      return;
    }
    this.current = label.target;
    this.note();
    if (label.arrivals > 1 || label.caught) this.goOn(label.target);
  }

  /** Tells the loops that branches to this label leave where control is then. */
  private leave(label: Label, at: number): void {
    for (const l of label.left) (this.loops[l] as LoopInfo).exits.push(at);
  }

  /** Unreachable code: only its block structure is followed. */
  private skip(): void {
    const { op } = this.body;
    const { name } = op;
    if (opensBlock(op)) this.nested++;
    else if (name === 'end' || name === 'delegate') {
      if (this.nested > 0) this.nested--;
      else this.endDead();
    } else if (this.nested === 0 && name === 'else') this.doElse();
    else if (this.nested === 0 && (name === 'catch' || name === 'catch_all')) this.doCatch();
  }

  private endDead(): void {
    const label = this.at(0);
    if (label.kind !== 'func') return this.doEnd();
    this.labels.pop();
    this.leave(label, -1);
  }
}

/** The graph of a defined function. */
export function flowGraph(module: WasmModule, func: number, handlers = hasHandlers(module)): FlowGraph {
  const builder = new GraphBuilder(new BodyReader(module, func), handlers);
  builder.build();
  const { vertices, edges, offsets, vertexOf, loops, branches, returns } = builder;
  return { func, vertices, edges, offsets, vertexOf, loops, branches, returns, handlers };
}
