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

  constructor(memory: MachineMemory) {
    this.memory = memory;
    this.base = memory.alloc(4 * SIZE);
    this.end = this.base + 4 * SIZE;
    memory.setWord(CTL.log, this.base);
  }

  /** Position of the next instruction. */
  get now(): number {
    const { memory } = this;
    return memory.word(CTL.logTurns) * SIZE + ((memory.word(CTL.log) - this.base) >> 2);
  }

  /** The oldest position that is still there. */
  get oldest(): number {
    return Math.max(0, this.now - SIZE);
  }

  /** Address of the instruction at a position. */
  at(position: number): number {
    return this.memory.word(this.base + 4 * (position % SIZE));
  }

  slice(from: number, to: number): number[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => this.at(from + i));
  }
}
