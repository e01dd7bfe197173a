/**
 * Bounds guards of affine addresses become one bound on the number of iterations that may run before the next
 * `strip.check` leaves. In front of the loop the first address is guarded; from there on
 *
 *     stride s > 0:  (bytes of memory - k - first) / s + 1 iterations are inside
 *     stride s < 0:  first / -s + 1
 *
 * and these do not wrap, since memory has at most 2^32 bytes. So an inner loop has no guards for its arrays and the host
 * can unroll it. Example: a loop that reads the word at v3 = phi v1 (v3 + 4):
 *
 *     guard.bounds v1 k=4 !bounds {}
 *     v9 = i64.sub (i64.sub (mem.bytes) (i64.extend_i32_u v1)) 4
 *     strip.limit (i64.add (i64.shr_u v9 2) 1) loop=1
 *
 * The same goes for conditions that no branch of the guest depends on, `first + j * s` at or above a constant bound.
 */
import { type DomTree, domTree, findLoops, type Loop } from '../../ir/dom.ts';
import { type Ins, type InsImm, type IrType, makeIns, type Region } from '../../ir/ir.ts';
import { Affine } from '../affine.ts';
import { Constants } from '../edit.ts';
import { LoopEntry } from '../hoist.ts';
import type { Pass, PassContext } from '../pass.ts';

const RULES = ['up', 'down', 'runtime-stride', 'range-check'] as const;

class Strips {
  readonly region: Region;
  readonly context: PassContext;
  readonly dom: DomTree;
  readonly loop: Loop;
  readonly entry: LoopEntry;
  readonly constants: Constants;
  /** What is put at the end of the preheader. */
  readonly out: Ins[] = [];
  readonly affine: Affine;
  /** For limits of one memory and stride: the farthest address in i64, by key. */
  readonly farthest = new Map<string, { far: Ins; mem: number; size: bigint; up: boolean; guard: Ins }>();

  constructor(region: Region, context: PassContext, dom: DomTree, loop: Loop, constants: Constants) {
    this.region = region;
    this.context = context;
    this.dom = dom;
    this.loop = loop;
    this.constants = constants;
    this.entry = new LoopEntry(region, loop);
    this.affine = new Affine(region, loop, this.out);
  }

  make(op: string, type: IrType, args: Ins[], like: Ins, imm: InsImm = {}): Ins {
    const ins = makeIns(this.region, this.entry.preheader, op, type, args, imm, like.loc);
    this.out.push(ins);
    return ins;
  }

  i64(op: string, args: Ins[], like: Ins): Ins {
    return this.make(`i64.${op}`, /^(eq|ne|[lg][te]_|eqz)/.test(op) ? 'i32' : 'i64', args, like);
  }

  c64(value: bigint, like: Ins): Ins {
    return this.constants.get('i64', BigInt.asUintN(64, value), like.loc);
  }

  /** A 32-bit value as i64; 64-bit ones are themselves. */
  wide(v: Ins, like: Ins): Ins {
    return v.type === 'i64' ? v : this.i64('extend_i32_u', [v], like);
  }

  /** `a / size`, a shift where that is the same. */
  divide(a: Ins, size: bigint, like: Ins): Ins {
    if (size === 1n) return a;
    const shift = size.toString(2).length - 1;
    if (size === 1n << BigInt(shift)) return this.i64('shr_u', [a, this.c64(BigInt(shift), like)], like);
    return this.i64('div_u', [a, this.c64(size, like)], like);
  }

  limit(n: Ins, like: Ins): void {
    this.make('strip.limit', 'void', [n], like, { loop: this.loop.header.id });
  }

  /** Guards the first iteration's access in front of the loop. */
  guardFirst(guard: Ins): Ins {
    const first = this.affine.at(guard.args[0]!, 0);
    const copy = this.make(guard.op, 'void', [first], guard, { ...guard.imm });
    copy.snap = this.entry.exit(guard.snap!.reason);
    return first;
  }

  /** Takes a guard out of the loop; false where that is not possible. */
  bounds(guard: Ins): boolean {
    const stride = this.affine.stride(guard.args[0]!);
    if (stride === null || stride === 0n) return false;
    const width = guard.args[0]!.type === 'i64' ? 64n : 32n;
    const rule = stride === 'runtime' ? 'runtime-stride' : stride < 1n << (width - 1n) ? 'up' : 'down';
    if (!this.context.may(rule)) return false;
    this.context.fired(rule);
    const first = this.guardFirst(guard);
    if (stride === 'runtime') {
      this.runtime(guard, first, this.affine.at(guard.args[0]!, 1));
      return true;
    }
    const up = rule === 'up';
    const size = up ? stride : (1n << width) - stride;
    const mem = guard.imm.mem!;
    let far = this.wide(first, guard);
    if (up) far = this.i64('add', [far, this.c64(BigInt(guard.imm.k!), guard)], guard);
    const key = `${mem} ${stride}`;
    const other = this.farthest.get(key);
    if (other) {
      const beyond = this.i64(up ? 'gt_u' : 'lt_u', [far, other.far], guard);
      far = this.make('select', 'i64', [far, other.far, beyond], guard);
    }
    this.farthest.set(key, { far, mem, size, up, guard });
    return true;
  }

  /** One limit for all guards of the same stride. */
  flushLimits(): void {
    for (const { far, mem, size, up, guard } of this.farthest.values()) {
      const room = up ? this.i64('sub', [this.make('mem.bytes', 'i64', [], guard, { mem }), far], guard) : far;
      this.limit(this.i64('add', [this.divide(room, size, guard), this.c64(1n, guard)], guard), guard);
    }
  }

  /** The limit for a stride that is known only now: both directions are computed and one is chosen. */
  runtime(guard: Ins, first: Ins, second: Ins): void {
    const narrow = first.type === 'i32';
    const diff = this.make(narrow ? 'i32.sub' : 'i64.sub', first.type, [second, first], guard);
    const s = narrow ? this.i64('extend_i32_s', [diff], guard) : diff;
    const zero = this.c64(0n, guard);
    const one = this.c64(1n, guard);
    const up = this.i64('gt_s', [s, zero], guard);
    const still = this.i64('eqz', [s], guard);
    const choose = (a: Ins, b: Ins, c: Ins) => this.make('select', 'i64', [a, b, c], guard);
    const size = choose(one, choose(s, this.i64('sub', [zero, s], guard), up), still);
    const from = this.wide(first, guard);
    const bytes = this.make('mem.bytes', 'i64', [], guard, { mem: guard.imm.mem! });
    const above = this.i64(
      'sub',
      [this.i64('sub', [bytes, from], guard), this.c64(BigInt(guard.imm.k!), guard)],
      guard,
    );
    const n = this.i64('add', [this.i64('div_u', [choose(above, from, up), size], guard), one], guard);
    this.limit(choose(this.c64(-1n, guard), n, still), guard);
  }

  /** `guard.true (i32.ge_u x c)` with an affine x and an invariant c, where leaving means nothing to the guest. */
  rangeCheck(guard: Ins): boolean {
    if (!this.context.may('range-check')) return false;
    const cond = guard.args[0]!;
    const { reason } = guard.snap!;
    if (reason === 'branch' || reason === 'switch' || cond.op !== 'i32.ge_u' || guard.op !== 'guard.true') return false;
    const [x, c] = cond.args as [Ins, Ins];
    const stride = this.affine.stride(x);
    if (typeof stride !== 'bigint' || stride === 0n || this.affine.stride(c) !== 0n) return false;
    const bound = this.affine.at(c, 0);
    const up = stride < 1n << 31n;
    this.guardFirst(guard);
    const first = this.wide(this.affine.at(x, 0), guard);
    const room = up
      ? this.i64('sub', [this.c64((1n << 32n) - 1n, guard), first], guard)
      : this.i64('sub', [first, this.wide(bound, guard)], guard);
    const n = this.divide(room, up ? stride : (1n << 32n) - stride, guard);
    this.limit(this.i64('add', [n, this.c64(1n, guard)], guard), guard);
    this.context.fired('range-check');
    return true;
  }

  run(): void {
    if (!this.entry.possible || this.loop.latches.length !== 1) return;
    const latch = this.loop.latches[0]!;
    for (const b of this.dom.order) {
      if (!this.loop.blocks.has(b) || !this.dom.dominates(b, latch)) continue;
      b.body = b.body.filter((ins) => {
        if (ins.op === 'guard.bounds') return !this.bounds(ins);
        return ins.op !== 'guard.true' || !this.rangeCheck(ins);
      });
    }
    this.flushLimits();
    this.entry.preheader.body.push(...this.out);
  }
}

export const strips: Pass = {
  name: 'strips',
  doc: 'checks the bounds of a loop over an array once in front of it',
  rules: RULES,
  run(region, context) {
    const dom = domTree(region);
    const constants = new Constants(region);
    for (const loop of findLoops(dom)) {
      const checked = loop.header.body.some((ins) => ins.op === 'strip.check');
      if (loop.preheader && checked) new Strips(region, context, dom, loop, constants).run();
    }
    constants.flush();
  },
};
