/**
 * Loop heads and function entries as the machine changes them: counters, triggers, patches. A patched head enters a
 * fragment; a copy of the head elsewhere (the bypass) executes it all the same.
 */
import type { ArmSet } from './arm.ts';
import { enterArm, fragmentEnterArm, fragmentHeadArm, HEAD, headArm, jumpArm } from './arms/control.ts';
import type { CodeMap } from './code-map.ts';
import type { MachineMemory } from './memory.ts';

export class Heads {
  private readonly memory: MachineMemory;
  private readonly arms: ArmSet;
  private readonly map: CodeMap;
  private readonly bypasses = new Map<number, number>();
  private readonly patched = new Set<number>();

  constructor(memory: MachineMemory, arms: ArmSet, map: CodeMap) {
    this.memory = memory;
    this.arms = arms;
    this.map = map;
    for (const arm of [headArm, enterArm, fragmentHeadArm, fragmentEnterArm, jumpArm]) this.armIndex(arm.key);
  }

  private armIndex(key: string): number {
    const made = [headArm, enterArm, fragmentHeadArm, fragmentEnterArm, jumpArm].find((a) => a.key === key);
    return this.arms.index(key, () => made as typeof headArm);
  }

  /** `head`, `enter` or null for any other instruction. */
  kindAt(pc: number): 'head' | 'enter' | null {
    const kind = this.arms.at(this.memory.word(pc)).kind;
    return kind === 'head' || kind === 'enter' ? kind : null;
  }

  isPatched(pc: number): boolean {
    return this.patched.has(pc);
  }

  /** Makes the head enter the fragment in that slot. */
  patch(pc: number, slot: number): void {
    const kind = this.kindAt(pc);
    if (!kind) throw new Error(`no head at ${pc}`);
    this.memory.setWord(pc + 4 * HEAD.fragment, slot);
    this.memory.setWord(pc, this.armIndex(kind === 'head' ? fragmentHeadArm.key : fragmentEnterArm.key));
    this.patched.add(pc);
  }

  unpatch(pc: number): void {
    if (!this.patched.delete(pc)) return;
    const kind = this.kindAt(pc);
    this.memory.setWord(pc, this.armIndex(kind === 'head' ? headArm.key : enterArm.key));
  }

  /** Times the head was executed by the interpreter. */
  count(pc: number): number {
    const copy = this.bypasses.get(pc);
    return this.memory.count(pc + 4 * HEAD.count) + (copy === undefined ? 0 : this.memory.count(copy + 4 * HEAD.count));
  }

  /** The recorder is asked again after `more` further executions; never where `more` is not finite. */
  rearm(pc: number, more: number): void {
    const now = this.memory.word(pc + 4 * HEAD.count);
    this.memory.setWord(pc + 4 * HEAD.trigger, Number.isFinite(more) ? (now + Math.max(1, more)) | 0 : -1);
  }

  /** Address of a copy of the head that is never patched and goes on behind the original. */
  bypass(pc: number): number {
    const known = this.bypasses.get(pc);
    if (known !== undefined) return known;
    const kind = this.kindAt(pc);
    const arm = kind === 'head' ? headArm : enterArm;
    const copy = this.memory.alloc(4 * (arm.words + jumpArm.words));
    for (let i = 1; i < arm.words; i++) this.memory.setWord(copy + 4 * i, this.memory.word(pc + 4 * i));
    this.memory.setWord(copy, this.armIndex(arm.key));
    this.memory.setLong(copy + 4 * HEAD.count, 0n);
    this.memory.setWord(copy + 4 * HEAD.trigger, -1);
    const jump = copy + 4 * arm.words;
    this.memory.setWord(jump, this.armIndex(jumpArm.key));
    this.memory.setWord(jump + 4, pc + 4 * arm.words);
    this.memory.setWord(jump + 8, 0);
    this.bypasses.set(pc, copy);
    this.map.addCopy(copy, pc);
    return copy;
  }
}
