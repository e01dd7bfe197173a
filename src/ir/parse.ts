/**
 * Reads the text that `print.ts` writes. Errors name the line. Instructions without a name get the ids that follow the
 * highest one in the text, so `parse(print(r))` equals `r` up to the ids that nothing can refer to.
 */
import type { ValType } from '../wasm/row.ts';
import {
  type Block,
  EXIT_REASONS,
  type ExitReason,
  type GuestLoc,
  type Ins,
  type InsImm,
  type PendingStore,
  type Region,
  type SlotBits,
  type Snapshot,
} from './ir.ts';
import { findOp, namesMemory } from './ops.ts';

/** A mistake in region text; the message names the line. */
export class IrSyntaxError extends Error {
  override name = 'IrSyntaxError';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NUMBER = /^-?(0x[\da-f]+|\d+)$/;
const TYPE = /^(i32|i64|f32|f64|v128|void|\w*ref|\(ref\S*\))$/;

class Parser {
  readonly funcs = new Map<string, number>();
  readonly values = new Map<number, Ins>();
  readonly blocks = new Map<number, Block>();
  readonly snaps = new Map<number, Snapshot>();
  /** Run when all values and blocks are known. */
  readonly later: (() => void)[] = [];
  readonly unnamed: Ins[] = [];
  readonly order: Block[] = [];
  entry: Snapshot | null = null;
  line = 0;
  /** Tokens of the line in progress, and the next one. */
  counters = 0;
  readonly observed: SlotBits[] = [];
  tokens: string[] = [];
  at = 0;

  fail(what: string): never {
    throw new IrSyntaxError(`line ${this.line}: ${what}`);
  }

  peek(): string | undefined {
    return this.tokens[this.at];
  }

  next(what: string): string {
    const t = this.tokens[this.at++];
    if (t === undefined) this.fail(`${what} expected at the end of the line`);
    return t;
  }

  number(text: string): number {
    if (!NUMBER.test(text)) this.fail(`not a number: ${text}`);
    return Number(text);
  }

  /** Number after a prefix: `field('pc')` reads `pc=12`; `fallback` when the next token is another. */
  field(name: string, fallback: number): number {
    if (!this.peek()?.startsWith(`${name}=`)) return fallback;
    return this.number(this.next(name).slice(name.length + 1));
  }

  /** A place; where there is none (text that was written by hand or printed briefly) the start of function 0. */
  loc(): GuestLoc {
    if (!this.peek()?.startsWith('@')) return { func: 0, offset: 0 };
    const t = this.next('a place');
    const m = /^@(.+)\+0x([\da-f]+)$/.exec(t);
    if (!m) this.fail(`a place expected, not ${t}`);
    const func = m[1]!.startsWith('$') ? this.funcs.get(m[1]!) : this.number(m[1]!);
    if (func === undefined) this.fail(`no func line names ${m[1]}`);
    return { func, offset: Number.parseInt(m[2]!, 16) };
  }

  value(text: string, set: (ins: Ins) => void): void {
    const m = /^v(\d+)$/.exec(text);
    if (!m) this.fail(`a value expected, not ${text}`);
    const line = this.line;
    this.later.push(() => {
      const ins = this.values.get(Number(m[1]));
      if (!ins) throw new IrSyntaxError(`line ${line}: ${text} is not defined`);
      set(ins);
    });
  }

  block(text: string): Block {
    const m = /^b(\d+)$/.exec(text);
    if (!m) this.fail(`a block expected, not ${text}`);
    const id = Number(m[1]);
    let b = this.blocks.get(id);
    if (!b) {
      b = { id, preds: [], body: [], term: null as unknown as Block['term'], loop: false, icount: 0 };
      this.blocks.set(id, b);
    }
    return b;
  }

  snapHead(): Mutable<Snapshot> {
    const t = this.next('a snapshot');
    const m = /^!(\w+)#(-?\d+)$/.exec(t);
    if (!m || !Object.hasOwn(EXIT_REASONS, m[1]!)) this.fail(`a snapshot like !bounds#3 expected, not ${t}`);
    const loc = this.loc();
    const [id, reason] = [Number(m[2]), m[1] as ExitReason];
    const pc = this.field('pc', -1);
    const fp = this.field('fp', 0);
    const ret = this.peek()?.startsWith('ret=') ? { ret: this.field('ret', 0) } : {};
    return { id, reason, pc, loc, fp, ...ret, icount: this.field('ic', 0), slots: [], globals: [], stores: [] };
  }

  snap(): Snapshot {
    const s = this.snapHead();
    let t = this.next('{');
    if (!t.startsWith('{')) this.fail(`{ expected, not ${t}`);
    for (t = t.slice(1); ; t = this.next('}')) {
      const end = t.endsWith('}');
      if (end) t = t.slice(0, -1);
      if (t !== '') this.snapPart(s, t);
      if (end) break;
    }
    const known = this.snaps.get(s.id);
    if (known) return known;
    this.snaps.set(s.id, s);
    return s;
  }

  snapPart(s: Snapshot, t: string): void {
    const store = /^([\w.]+)\[(?:m(\d+):)?(v\d+)\+(\d+)\]:(v\d+)$/.exec(t);
    if (store) {
      const part = { op: store[1]!, mem: Number(store[2] ?? 0), offset: Number(store[4]) } as PendingStore;
      this.value(store[3]!, (v) => (part.addr = v));
      this.value(store[5]!, (v) => (part.value = v));
      s.stores.push(part);
      return;
    }
    const m = /^(g?)(-?\d+):(v\d+)$/.exec(t);
    if (!m) this.fail(`not a part of a snapshot: ${t}`);
    const n = Number(m[2]);
    const value = null as unknown as Ins; // set below, when all values are known
    if (m[1] === 'g') s.globals.push({ index: n, value });
    else s.slots.push({ off: n, value });
    const list: { value: Ins }[] = m[1] === 'g' ? s.globals : s.slots;
    const at = list.at(-1)!;
    this.value(m[3]!, (v) => (at.value = v));
  }

  imm(t: string, ins: Ins): void {
    const imm = ins.imm;
    const m = /^(\w+)=(\S*)$/.exec(t);
    if (!m) {
      const off = /^\[(-?\d+)\]$/.exec(t);
      if (off) imm.off = Number(off[1]);
      else imm.bits = this.bits(t, ins);
      return;
    }
    const [, key, text] = m as unknown as [string, string, string];
    if (key === 'offset') imm.off = this.number(text);
    else if (key === 'lanes') imm.lanes = text.split(',').map((x) => this.number(x));
    else if (key === 'types')
      imm.types = text === '' ? [] : text.split(',').map((x) => x.replaceAll('_', ' ') as ValType);
    else if (['mem', 'k', 'index', 'index2', 'func', 'table', 'loop'].includes(key)) {
      imm[key as 'mem' | 'k' | 'index' | 'index2' | 'func' | 'table' | 'loop'] = this.number(text);
    } else this.fail(`unknown immediate ${key}`);
  }

  bits(t: string, ins: Ins): bigint {
    if (!NUMBER.test(t)) this.fail(`not a constant: ${t}`);
    const bits = BigInt(t);
    return BigInt.asUintN(ins.type === 'i32' || ins.type === 'f32' ? 32 : ins.type === 'v128' ? 128 : 64, bits);
  }

  ins(block: Block): void {
    let id = -1;
    if (this.tokens[1] === '=') {
      id = Number(/^v(\d+)$/.exec(this.next('a value'))?.[1] ?? this.fail('v<number> = expected'));
      this.at++;
    }
    const op = this.next('an operation');
    const info = findOp(op);
    if (!info) this.fail(`unknown operation ${op}`);
    // `v128` is a type where one must stand, and value number 128 elsewhere.
    const next = this.peek() ?? '';
    const explicit = TYPE.test(next) && (info.result === null || next !== 'v128') ? this.next('a type') : null;
    const type = (explicit?.replaceAll('_', ' ') as Ins['type'] | undefined) ?? info.result;
    if (type === null) this.fail(`${op} needs a type`);
    const imm: InsImm = {};
    const ins: Mutable<Ins> = { id, op, type, args: [], imm, loc: { func: 0, offset: 0 }, snap: undefined, block };
    for (let t = this.peek(); t !== undefined && !t.startsWith('!') && !t.startsWith('@'); t = this.peek()) {
      this.at++;
      const i = ins.args.length;
      if (/^v\d+$/.test(t)) {
        ins.args.push(ins);
        this.value(t, (v) => (ins.args[i] = v));
      } else this.imm(t, ins);
    }
    if (namesMemory(op)) imm.mem ??= 0;
    if (this.peek()?.startsWith('!')) ins.snap = this.snap();
    ins.loc = this.peek()?.startsWith('@') || !ins.snap ? this.loc() : ins.snap.loc;
    if (this.peek() !== undefined) this.fail(`${this.peek()} is too much`);
    if (id === -1) this.unnamed.push(ins);
    else if (this.values.has(id)) this.fail(`v${id} is defined twice`);
    else this.values.set(id, ins);
    block.body.push(ins);
  }

  term(block: Block): boolean {
    const kind = this.peek();
    if (kind !== 'jump' && kind !== 'branch' && kind !== 'switch' && kind !== 'exit') return false;
    this.at++;
    if (kind === 'jump') block.term = { kind, to: this.block(this.next('a block')) };
    else if (kind === 'exit') block.term = { kind, snap: this.snap() };
    else if (kind === 'branch') {
      const cond = this.next('a condition');
      const term = { kind: 'branch' as const, cond: null as unknown as Ins, ...this.arms() };
      this.value(cond, (v) => (term.cond = v));
      block.term = term;
    } else {
      const index = this.next('an index');
      const to: Block[] = [];
      while (this.peek() !== undefined) to.push(this.block(this.next('a block')));
      const term = {
        kind: 'switch' as const,
        index: null as unknown as Ins,
        cases: to.slice(0, -1),
        default: to.at(-1)!,
      };
      if (to.length === 0) this.fail('a switch needs a default');
      this.value(index, (v) => (term.index = v));
      block.term = term;
    }
    if (this.peek() !== undefined) this.fail(`${this.peek()} is too much`);
    return true;
  }

  arms(): { then: Block; else: Block; likely?: 'then' | 'else' } {
    // biome-ignore lint/suspicious/noThenProperty: the name that the IR gives to the arm
    const arms = { then: this.block(this.next('a block')), else: this.block(this.next('a block')) };
    const likely = this.peek() === undefined ? null : this.next('likely').replace('likely=', '');
    return likely === 'then' || likely === 'else' ? { ...arms, likely } : arms;
  }

  label(): Block {
    const b = this.block(this.next('a block').slice(0, -1));
    if (this.order.includes(b)) this.fail(`b${b.id} is defined twice`);
    this.order.push(b);
    if (this.peek() === 'loop') {
      b.loop = true;
      this.at++;
    }
    if (this.peek() === '<-') this.at++;
    while (this.peek()?.startsWith('b')) b.preds.push(this.block(this.next('a block')));
    b.icount = this.field('ic', 0);
    if (this.peek() !== undefined) this.fail(`${this.peek()} is too much`);
    return b;
  }
}

/** Facts as they are read: mutable lists. */
interface Facts {
  memMin: number[];
  sharedMem: boolean[];
  mem64: boolean[];
  globals: { type: ValType; mutable: boolean; foreign: boolean }[];
}

function headerLine(p: Parser, facts: Facts): boolean {
  const [kind, a, b, ...rest] = p.tokens;
  switch (kind) {
    case 'func':
      p.funcs.set(b ?? p.fail('a name expected'), p.number(a ?? ''));
      return true;
    case 'memory':
      facts.memMin.push(p.number((b ?? '').replace('min=', '')));
      facts.sharedMem.push(rest.includes('shared'));
      facts.mem64.push(rest.includes('mem64'));
      return true;
    case 'global': {
      const type = (b ?? '').replaceAll('_', ' ') as ValType;
      facts.globals.push({ type, mutable: rest.includes('mut'), foreign: rest.includes('foreign') });
      return true;
    }
    case 'observed': {
      const off = p.number((a ?? '').slice(1, -1));
      const type = b === 'i64' ? 'i64' : 'i32';
      const bits = BigInt.asUintN(type === 'i64' ? 64 : 32, BigInt(rest[0] ?? p.fail('a value expected')));
      p.observed.push({ off, type, bits });
      return true;
    }
    case 'counters':
      p.counters = p.number(a ?? '');
      return true;
    case 'entry':
      p.at = 1;
      p.entry = p.snap();
      return true;
    case 'gone': {
      p.at = 1;
      const s = p.snapHead();
      p.snaps.set(s.id, s);
      return true;
    }
    default:
      return false;
  }
}

/** Reads one region. Throws {@link IrSyntaxError}. Lines that start with `;` are comments. */
export function parse(text: string): Region {
  const p: Parser = new Parser();
  const facts: Facts = { memMin: [], sharedMem: [], mem64: [], globals: [] };
  let head: RegExpExecArray | null = null;
  let block: Block | null = null;
  for (const line of text.split('\n')) {
    p.line++;
    const clean = line.trim();
    if (clean === '' || clean.startsWith(';')) continue;
    p.tokens = clean.split(/\s+/);
    p.at = 0;
    if (!head) {
      head = /^region T(\d+)(?: (.*))?$/.exec(clean) ?? p.fail('a region starts with `region T<number> <name>`');
    } else if (/^b\d+:$/.test(p.tokens[0]!)) {
      if (block && !block.term) p.fail(`b${block.id} has no terminator`);
      block = p.label();
    } else if (!block) {
      if (!headerLine(p, facts)) p.fail(`a header line or a block expected, not ${p.tokens[0]}`);
    } else if (block.term) p.fail(`b${block.id} has ended already`);
    else if (!p.term(block)) p.ins(block);
  }
  if (!head) p.fail('no region');
  if (!p.entry) p.fail('no entry line');
  if (!block?.term) p.fail('the last block has no terminator');
  for (const f of p.later) f();
  for (const b of p.blocks.values()) if (!p.order.includes(b)) p.fail(`b${b.id} is not defined`);
  let nextId = Math.max(0, ...p.values.keys()) + 1;
  for (const ins of p.unnamed) (ins as Mutable<Ins>).id = nextId++;
  const exits: Snapshot[] = [];
  for (const s of p.snaps.values()) if (s.id >= 0) exits[s.id] = s;
  const region: Region = {
    id: Number(head[1]),
    name: head[2] ?? '',
    blocks: p.order,
    exits,
    nextId,
    entry: p.entry,
    facts,
  };
  if (p.counters > 0) region.counters = p.counters;
  if (p.observed.length > 0) region.observed = p.observed;
  return region;
}
