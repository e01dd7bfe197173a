/**
 * Which frame slots may have been written on some way to a block, and in what type: a forward data-flow problem over the
 * blocks of a region. A snapshot has to write these, whatever the block itself knows of them.
 *
 * Slots are numbered by rising offset, types by first appearance, so that a block's answer is a row of bytes.
 */
import type { ValType } from '../wasm/row.ts';
import type { Block } from './ir.ts';
import { valueBytes } from './lift.ts';

/** What a block leaves in a slot that it touches: a value of `type`, or nothing whole (null). */
export interface Left {
  readonly type: ValType | null;
  readonly written: boolean;
}

/** Code of a slot that ways leave in different types: nobody reads it. */
const MIXED = 255;

export class MaybeWritten {
  /** Offsets of all slots that are written anywhere, rising. */
  readonly offsets: readonly number[];
  private readonly types: ValType[] = [];
  private readonly rows = new Map<Block, Uint8Array>();

  /**
   * `blocks`: in reverse postorder. `left`: what each leaves in the slots that it touches, by offset. `written`: offsets
   * of all writes, also of those that nothing is left of.
   */
  constructor(
    blocks: readonly Block[],
    left: (block: Block) => ReadonlyMap<number, Left>,
    written: ReadonlySet<number>,
  ) {
    this.offsets = [...written].sort((a, b) => a - b);
    const flows = new Map(blocks.map((b) => [b, this.flow(left(b))]));
    for (const b of blocks) this.rows.set(b, new Uint8Array(this.offsets.length));
    for (let changed = true; changed; ) {
      changed = false;
      for (const b of blocks) {
        const row = this.rows.get(b) as Uint8Array;
        for (const p of b.preds) {
          const from = this.rows.get(p);
          const flow = flows.get(p);
          if (from && flow && this.merge(row, from, flow)) changed = true;
        }
      }
    }
  }

  /** Type in which the slot number `slot` may have been written before `block`; undefined: in none that is read. */
  type(block: Block, slot: number): ValType | undefined {
    const code = (this.rows.get(block) as Uint8Array)[slot] as number;
    return code === MIXED || code === 0 ? undefined : this.types[code - 1];
  }

  private code(type: ValType): number {
    const known = this.types.indexOf(type);
    return known >= 0 ? known + 1 : this.types.push(type);
  }

  /** What a block writes (by slot number, 0: nothing), and from how many bytes on it ends what was in a slot. */
  private flow(left: ReadonlyMap<number, Left>): { writes: Uint8Array; ends: Uint8Array } {
    const { offsets } = this;
    const writes = new Uint8Array(offsets.length);
    const ends = new Uint8Array(offsets.length).fill(255);
    const pieces: [number, number][] = [];
    for (const [off, { type, written }] of left) {
      if (type === null) pieces.push([off, 4]);
      else if (written) pieces.push([off, valueBytes(type)]);
    }
    pieces.sort((a, b) => a[0] - b[0]);
    // Slots that reach into a piece begin less than 16 bytes in front of it.
    let from = 0;
    for (const [at, bytes] of pieces) {
      while (from < offsets.length && (offsets[from] as number) + 16 <= at) from++;
      for (let i = from; i < offsets.length && (offsets[i] as number) < at + bytes; i++) {
        const least = Math.max(1, at - (offsets[i] as number) + 1);
        ends[i] = Math.min(ends[i] as number, least);
      }
    }
    for (const [i, off] of offsets.entries()) {
      const l = left.get(off);
      if (l?.written && l.type !== null) writes[i] = this.code(l.type);
    }
    return { writes, ends };
  }

  private merge(row: Uint8Array, from: Uint8Array, flow: { writes: Uint8Array; ends: Uint8Array }): boolean {
    let changed = false;
    for (let i = 0; i < row.length; i++) {
      let code = flow.writes[i] as number;
      if (code === 0) {
        code = from[i] as number;
        if (code === 0 || this.bytes(code) >= (flow.ends[i] as number)) continue;
      }
      const known = row[i] as number;
      if (known === code || known === MIXED) continue;
      row[i] = known === 0 ? code : MIXED;
      changed = true;
    }
    return changed;
  }

  private bytes(code: number): number {
    return code === MIXED ? 4 : valueBytes(this.types[code - 1] as ValType);
  }
}
