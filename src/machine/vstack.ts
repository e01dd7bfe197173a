/**
 * The translator's picture of the guest's operand stack. An operand is in its own frame slot, or still in a local, or a
 * constant: only when control joins or somebody needs a slot is it written there.
 */
import type { ValType } from '../wasm/row.ts';
import { slotBytes } from './arms/call.ts';

export interface Operand {
  readonly type: ValType;
  /** Byte offset of its own slot. */
  readonly off: number;
  kind: 'slot' | 'local' | 'const';
  /** kind `local`: byte offset of the local's slot. */
  local: number;
  /** kind `const`: raw bits. */
  bits: bigint;
}

export class VirtualStack {
  readonly items: Operand[] = [];
  private readonly base: number;
  /** Largest extent so far, in bytes from fp. */
  highest: number;

  constructor(base: number) {
    this.base = base;
    this.highest = base;
  }

  get height(): number {
    return this.items.length;
  }

  /** First free byte behind the topmost operand's slot. */
  get top(): number {
    const last = this.items[this.items.length - 1];
    return last ? last.off + slotBytes(last.type) : this.base;
  }

  /** Byte offset of the slot that an operand pushed at that height has. */
  offsetAt(height: number): number {
    const below = this.items[height - 1];
    return below ? below.off + slotBytes(below.type) : this.base;
  }

  push(type: ValType, kind: Operand['kind'] = 'slot', local = 0, bits = 0n): Operand {
    const item: Operand = { type, off: this.top, kind, local, bits };
    this.items.push(item);
    const top = item.off + slotBytes(type);
    if (top > this.highest) this.highest = top;
    return item;
  }

  pop(): Operand {
    const item = this.items.pop();
    if (!item) throw new Error('operand stack underflow in a validated body');
    return item;
  }

  peek(depth = 0): Operand {
    return this.items[this.items.length - 1 - depth] as Operand;
  }

  truncate(height: number): void {
    this.items.length = height;
  }
}
