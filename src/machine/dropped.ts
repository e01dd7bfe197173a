/**
 * How long data and element segments are now: all or, once they are dropped, nothing. The host tells nobody, but only the
 * guest's own instructions drop segments, and active and declarative ones are gone when an instance is there. So a word of
 * machine memory for each is all that a fragment needs to know whether an instruction on a segment traps.
 */
import type { WasmModule } from '../wasm/module.ts';
import type { MachineMemory } from './memory.ts';

export type SegmentKind = 'data' | 'elem';

export class SegmentLengths {
  private readonly words: Readonly<Record<SegmentKind, number>>;

  constructor(module: WasmModule, memory: MachineMemory) {
    const list = (lengths: readonly number[]) => {
      const at = memory.alloc(4 * lengths.length);
      lengths.forEach((length, i) => {
        memory.setWord(at + 4 * i, length);
      });
      return at;
    };
    this.words = {
      data: list(module.data.map(({ mode, bytes }) => (mode === 'passive' ? bytes.end - bytes.start : 0))),
      elem: list(module.elements.map(({ mode, count }) => (mode === 'passive' ? count : 0))),
    };
  }

  /** Address of the segment's length, an i32. */
  address(kind: SegmentKind, index: number): number {
    return this.words[kind] + 4 * index;
  }
}
