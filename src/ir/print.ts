/**
 * Prints a region as text. `parse(print(r))` gives `r` back; the same text is used by golden tests, the trace archive
 * and `wynamo dump`.
 *
 *     region T1 $sum+0x9
 *     func 3 $sum
 *     memory 0 min=65536
 *     entry #0 !interp @$sum+0x9 pc=96 {}
 *     b0:
 *       v1 = slot.load i32 [0] @$sum+0x9
 *       jump b1
 *     b1: loop <- b0 b1 ic=7
 *       v3 = phi i32 v1 v9 @$sum+0x9
 *       strip.check !loop#1 @$sum+0x9 pc=88 {0:v3}
 *       guard.bounds v3 k=4 !bounds#2 @$sum+0xd pc=120 ic=2 {0:v3}
 *       v6 = i32.load v3 offset=0 @$sum+0xd
 *       ...
 *
 * Conventions: the type follows the operation only where it cannot be derived; memory 0 is left out of accesses; integer
 * constants are signed decimal, all others hexadecimal bits; an instruction that has a snapshot prints its place there.
 * `{0:v3 g1:v4 i32.store[v5+8]:v6}` is a frame slot, a promoted global and a sunk store. Exits that a pass removed are
 * `gone` lines without their values.
 */
import type { ValType } from '../wasm/row.ts';
import { type Block, type GuestLoc, type Ins, type IrType, type Region, type Snapshot, snapshotUses } from './ir.ts';
import { findOp, isNamed, namesMemory } from './ops.ts';

export interface PrintOptions {
  /** Name of a guest function without `$`; none or undefined: its number is printed. */
  funcName?(func: number): string | undefined;
  /** Leave out guest places and interpreter addresses (golden tests). */
  brief?: boolean;
}

class Printer {
  readonly names = new Map<number, string>();
  readonly funcName: (func: number) => string | undefined;
  readonly brief: boolean;

  constructor(options: PrintOptions) {
    this.brief = options.brief === true;
    this.funcName = (func) => options.funcName?.(func);
  }

  /** Text of a place. Names are cleaned to what fits in a token, and made unique by their number. */
  loc(loc: GuestLoc): string {
    let text = this.names.get(loc.func);
    if (text === undefined) {
      const name = this.funcName(loc.func)?.replace(/[^\w.$:<>-]/g, '_');
      text = name === undefined ? `${loc.func}` : `$${name}`;
      if ([...this.names.values()].includes(text)) text = `${text}#${loc.func}`;
      this.names.set(loc.func, text);
    }
    return `@${text}+0x${loc.offset.toString(16)}`;
  }

  snapHead(snap: Snapshot): string {
    const fp = snap.fp === 0 ? '' : ` fp=${snap.fp}`;
    const ret = snap.ret === undefined ? '' : ` ret=${snap.ret}`;
    const ic = snap.icount === 0 ? '' : ` ic=${snap.icount}`;
    const place = this.brief ? '' : ` ${this.loc(snap.loc)} pc=${snap.pc}`;
    return `!${snap.reason}#${snap.id}${place}${fp}${ret}${ic}`;
  }

  snap(snap: Snapshot): string {
    const parts = [
      ...snap.slots.map((s) => `${s.off}:v${s.value.id}`),
      ...snap.globals.map((g) => `g${g.index}:v${g.value.id}`),
      ...snap.stores.map((s) => `${s.op}[${s.mem === 0 ? '' : `m${s.mem}:`}v${s.addr.id}+${s.offset}]:v${s.value.id}`),
    ];
    return `${this.snapHead(snap)} {${parts.join(' ')}}`;
  }

  ins(ins: Ins): string {
    const info = findOp(ins.op);
    const out = [ins.op];
    if (info?.result !== ins.type) out.push(ins.type);
    for (const a of ins.args) out.push(`v${a.id}`);
    out.push(...immediates(ins));
    if (ins.snap) out.push(this.snap(ins.snap));
    const here = ins.snap && ins.snap.loc.func === ins.loc.func && ins.snap.loc.offset === ins.loc.offset;
    if (!here && !this.brief) out.push(this.loc(ins.loc));
    return `${isNamed(ins) ? `v${ins.id} = ` : ''}${out.join(' ')}`;
  }

  term(block: Block): string {
    const t = block.term;
    switch (t.kind) {
      case 'jump':
        return `jump b${t.to.id}`;
      case 'branch':
        return `branch v${t.cond.id} b${t.then.id} b${t.else.id}${t.likely ? ` likely=${t.likely}` : ''}`;
      case 'switch':
        return `switch v${t.index.id} ${[...t.cases, t.default].map((b) => `b${b.id}`).join(' ')}`;
      case 'exit':
        return `exit ${this.snap(t.snap)}`;
    }
  }
}

/** Text of constant bits: signed decimal for integers, hexadecimal for the rest. */
export function constText(type: IrType, bits: bigint): string {
  if (type === 'i32') return BigInt.asIntN(32, bits).toString();
  if (type === 'i64') return BigInt.asIntN(64, bits).toString();
  return `0x${bits.toString(16)}`;
}

function immediates(ins: Ins): string[] {
  const { bits, off, mem, lanes, types, ...rest } = ins.imm;
  const info = findOp(ins.op);
  const access = info?.effect === 'load' || info?.effect === 'store';
  const out: string[] = [];
  if (bits !== undefined) out.push(constText(ins.type, bits));
  if (off !== undefined) out.push(access || info?.effect === 'atomic' ? `offset=${off}` : `[${off}]`);
  if (mem !== undefined && (mem !== 0 || !namesMemory(ins.op))) out.push(`mem=${mem}`);
  for (const key of ['k', 'index', 'index2', 'func', 'table', 'loop'] as const) {
    if (rest[key] !== undefined) out.push(`${key}=${rest[key]}`);
  }
  if (lanes !== undefined) out.push(`lanes=${lanes.join(',')}`);
  if (types !== undefined) out.push(`types=${types.map(typeText).join(',')}`);
  return out;
}

/** A type without spaces: `(ref null 3)` is `(ref_null_3)`. */
export function typeText(type: ValType): string {
  return type.replaceAll(' ', '_');
}

/** All snapshots through which the region can be left, once each, in program order. */
export function liveExits(region: Region): Snapshot[] {
  const seen = new Set<Snapshot>();
  for (const b of region.blocks) {
    for (const ins of b.body) if (ins.snap) seen.add(ins.snap);
    if (b.term.kind === 'exit') seen.add(b.term.snap);
  }
  return [...seen];
}

/** The text of a region, with a newline at its end. */
export function print(region: Region, options: PrintOptions = {}): string {
  const p = new Printer(options);
  const lines: string[] = [];
  for (const b of region.blocks) {
    const loop = b.loop ? ' loop' : '';
    const preds = b.preds.length > 0 ? ` <- ${b.preds.map((x) => `b${x.id}`).join(' ')}` : '';
    lines.push(`b${b.id}:${loop}${preds}${b.icount === 0 ? '' : ` ic=${b.icount}`}`);
    for (const ins of b.body) lines.push(`  ${p.ins(ins)}`);
    lines.push(`  ${p.term(b)}`);
  }
  const live = new Set(liveExits(region));
  const gone = region.exits.filter((s) => s && !live.has(s) && s !== region.entry).map((s) => `gone ${p.snapHead(s)}`);
  let entryUses = false;
  snapshotUses(region.entry, () => (entryUses = true));
  const entry = `entry ${entryUses ? p.snap(region.entry) : `${p.snapHead(region.entry)} {}`}`;
  return `${[...header(region, p), entry, ...gone, ...lines].join('\n')}\n`;
}

/** Facts lines; functions come last in printing, since their names are collected from places. */
function header(region: Region, p: Printer): string[] {
  const f = region.facts;
  const lines = [`region T${region.id} ${region.name}`];
  if (region.counters) lines.push(`counters ${region.counters}`);
  for (const [func, name] of p.names) if (name.startsWith('$')) lines.push(`func ${func} ${name}`);
  for (const [i, min] of f.memMin.entries()) {
    lines.push(`memory ${i} min=${min}${f.sharedMem[i] ? ' shared' : ''}${f.mem64[i] ? ' mem64' : ''}`);
  }
  for (const [i, g] of f.globals.entries()) {
    lines.push(`global ${i} ${typeText(g.type)}${g.mutable ? ' mut' : ''}${g.foreign ? ' foreign' : ''}`);
  }
  for (const s of region.observed ?? []) lines.push(`observed [${s.off}] ${s.type} ${constText(s.type, s.bits)}`);
  return lines;
}
