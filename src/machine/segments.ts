/**
 * Frame stacks of guests that may suspend (an import is a `WebAssembly.Suspending`). Activations interleave there: a second
 * one begins while the first is suspended, and either may go on first. So each activation from the host has a stack of its
 * own; those of activations that ended are used again. The stack of one that ended in a trap, which nothing sees, is lost.
 */
import { stackOverflow } from './errors.ts';
import { CTL, SLOT } from './layout.ts';
import { BEYOND, type MachineMemory, STACK_SLACK } from './memory.ts';

/** Bytes of each stack but the first: some thousands of frames. The host's tables end at ten million references. */
const BYTES = 512 * 1024;

export class Segments {
  private readonly memory: MachineMemory;
  private readonly free: number[];
  /** Makes the side tables that long. */
  private readonly reach: (entries: number) => void;

  constructor(memory: MachineMemory, reach: (entries: number) => void) {
    this.memory = memory;
    this.reach = reach;
    this.free = [memory.stackBase];
  }

  /** Base of a stack for a new activation; CTL.limit and CTL.refTop are its. Throws what a full stack throws. */
  open(): number {
    const base = this.free.pop() ?? this.make();
    this.memory.setWord(CTL.limit, this.end(base));
    this.memory.setWord(CTL.refTop, base);
    return base;
  }

  /** The activation is over. */
  close(base: number): void {
    this.free.push(base);
  }

  /** Behind the last byte of the stack. */
  end(base: number): number {
    return base === this.memory.stackBase ? this.memory.stackLimit : base + BYTES;
  }

  private make(): number {
    try {
      const base = this.memory.alloc(STACK_SLACK + BYTES + BEYOND) + STACK_SLACK;
      this.reach(Math.ceil((base + BYTES + BEYOND) / SLOT));
      return base;
    } catch {
      throw stackOverflow();
    }
  }
}
