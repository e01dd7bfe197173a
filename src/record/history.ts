/**
 * The last instructions that the interpreter has executed: a ring in machine memory that the interpreter's history copy
 * writes. Positions count up for ever; what is older than the ring is gone. Fragments leave gaps, which show as steps that
 * cannot follow each other.
 */
import { CTL } from '../machine/layout.ts';
import type { MachineMemory } from '../machine/memory.ts';

/** Instructions that the ring holds. */
const SIZE = 1 << 16;

export class History {
  readonly base: number;
  readonly end: number;
  private readonly memory: MachineMemory;
  private place: number;
  private count = 0;

  constructor(memory: MachineMemory) {
    this.memory = memory;
    this.base = memory.alloc(4 * SIZE);
    this.end = this.base + 4 * SIZE;
    this.place = this.base;
    memory.setWord(CTL.log, this.base);
  }

  /** Position of the next instruction. Must be asked more often than the ring is filled. */
  get now(): number {
    const place = this.memory.word(CTL.log);
    this.count += (place - this.place + (place < this.place ? 4 * SIZE : 0)) >> 2;
    this.place = place;
    return this.count;
  }

  /** The oldest position that is still there. */
  get oldest(): number {
    return Math.max(0, this.count - SIZE + 1);
  }

  /** Address of the instruction at a position. */
  at(position: number): number {
    const back = this.count - position;
    let place = this.place - 4 * back;
    if (place < this.base) place += 4 * SIZE;
    return this.memory.word(place);
  }

  slice(from: number, to: number): number[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => this.at(from + i));
  }
}
