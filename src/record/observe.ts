/**
 * Looks at the locals of frames while the interpreter counts, for {@link Observations}: at each head a few times on the way
 * to its threshold, and whenever it is asked about afterwards. Locals are frame bytes there, so looking is reading memory.
 */
import type { SlotBits } from '../ir/ir.ts';
import { HEAD } from '../machine/arms/control.ts';
import type { FuncCode } from '../machine/code-map.ts';
import type { Machine } from '../machine/machine.ts';
import { loopsAround, loopsOf } from '../region/loops.ts';
import { Observations } from './observations.ts';

/** A head is looked at so often on the way to its threshold. */
const STAGES = 4;

/** Executions before which a head with that threshold is looked at for the first time. */
export function firstLook(threshold: number): number {
  return Math.floor((threshold - 1) / STAGES);
}

export class Observer {
  private readonly seen: Observations;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
    this.seen = new Observations(machine.options.constantAfter);
  }

  /** The head at `pc` asks. True: it is not hot yet and asks again. */
  look(pc: number, fp: number): boolean {
    const { heads, map, memory, options, policy } = this.machine;
    const at = map.at(pc);
    if (!at) return false;
    const loop = heads.kindAt(pc) === 'head';
    this.seen.note(pc, this.entry(pc, at.code), () => this.locals(at.code, fp));
    if (policy.eager) return false;
    const threshold = loop ? options.hotLoop : options.hotEntry;
    const left = threshold - 1 - memory.count(pc + 4 * HEAD.count);
    if (left <= 0) return false;
    heads.rearm(pc, Math.min(left, firstLook(threshold)));
    return true;
  }

  /** A number that rises with each entry of the loop or function at `pc`. */
  private entry(pc: number, code: FuncCode): number {
    const { heads, memory, arms } = this.machine;
    const around = pc === code.base ? [] : loopsAround(loopsOf(code, memory.i32, arms), pc);
    return around.reduce((sum, { head }) => (head === pc ? sum : sum + heads.count(head)), heads.count(code.base));
  }

  private locals(code: FuncCode, fp: number): SlotBits[] {
    return code.locals
      .filter(({ type }) => type === 'i32' || type === 'i64')
      .map(({ off, type }) => ({ off, type, bits: this.bits(fp, off, type) }));
  }

  private bits(fp: number, off: number, type: string): bigint {
    const { memory } = this.machine;
    const word = (at: number) => BigInt(memory.word(at) >>> 0);
    return type === 'i32' ? word(fp + off) : word(fp + off) | (word(fp + off + 4) << 32n);
  }

  /** What is constant at the head at `pc`. */
  constants(pc: number): readonly SlotBits[] {
    return this.seen.constants(pc);
  }

  /**
   * A guard at the entry of the fragment at `pc` has failed often with that frame. Values that differ vary from now on; all
   * of them where none does, because the guard was made to fail.
   */
  failed(pc: number, assumed: readonly SlotBits[], fp: number): void {
    const differ = assumed.filter(({ off, type, bits }) => this.bits(fp, off, type) !== bits);
    for (const { off } of differ.length > 0 ? differ : assumed) this.seen.vary(pc, off);
  }
}
