/**
 * Writes code with labels instead of depths, and notes which guest instruction each part of it stands for. On the way it turns `local.set x  local.get x` into `local.tee x` and drops
 * a `br` to the end of the block that ends right there.
 */
import type { GuestLoc } from '../ir/ir.ts';
import type { CatchClause, CodeWriter } from '../wasm/code.ts';

/** Target of branches: any object, compared by identity. */
export type Label = object;

/** From byte `offset` of the code on, it stands for the guest instruction `loc`; null: the machine's own work. */
export interface CodePlace {
  readonly offset: number;
  readonly loc: GuestLoc | null;
}

export class Out {
  readonly code: CodeWriter;
  /** Ascending offsets. */
  readonly places: CodePlace[] = [];
  private loc: GuestLoc | null = null;
  private readonly labels: { label: Label | null; block: boolean }[] = [];
  /** Local that the value on the stack is to be stored in; -1: none. */
  private pending = -1;
  /** Where a `br` that is not written yet goes. */
  private leaving: Label | null = null;

  constructor(code: CodeWriter) {
    this.code = code;
  }

  private flush(): void {
    if (this.leaving) {
      const label = this.leaving;
      this.leaving = null;
      this.code.op('br', this.depth(label));
    }
    if (this.pending === -1) return;
    const local = this.pending;
    this.pending = -1;
    this.code.op('local.set', local);
  }

  /** What is written from here on stands for `loc`. Returns what it stood for before. */
  at(loc: GuestLoc | null): GuestLoc | null {
    const before = this.loc;
    this.loc = loc;
    return before;
  }

  op(name: string, ...imms: unknown[]): this {
    this.flush();
    const last = this.places.at(-1);
    if (!last || last.loc !== this.loc) this.places.push({ offset: this.code.length, loc: this.loc });
    this.code.op(name, ...imms);
    return this;
  }

  /** Bytes written so far, without what is held back because the next instruction may make it unnecessary. */
  get written(): number {
    return this.code.length;
  }

  /** Bytes of code so far. */
  position(): number {
    this.flush();
    return this.code.length;
  }

  /** The code ends here. */
  finish(): void {
    this.flush();
  }

  get(local: number): this {
    if (this.pending === local) {
      this.pending = -1;
      this.code.op('local.tee', local);
    } else this.op('local.get', local);
    return this;
  }

  set(local: number): this {
    this.flush();
    this.pending = local;
    return this;
  }

  i32(value: number): this {
    return this.op('i32.const', value | 0);
  }

  i64(value: bigint): this {
    return this.op('i64.const', BigInt.asIntN(64, value));
  }

  /** Says how likely the next `if` or `br_if` is taken. */
  hint(likely: boolean): this {
    this.flush();
    this.code.hint(likely);
    return this;
  }

  begin(kind: 'block' | 'loop' | 'if', label: Label | null = null, type: string | number = 'void'): this {
    this.op(kind, type);
    this.labels.push({ label, block: kind === 'block' });
    return this;
  }

  /** Catches everything; the exception goes to `label`, a block that leaves an exnref. */
  beginTry(label: Label, type: unknown): this {
    const clause: CatchClause = { kind: 3, tag: 0, label: this.depth(label) };
    this.op('try_table', type, [clause]);
    this.labels.push({ label: null, block: false });
    return this;
  }

  else(): this {
    return this.op('else');
  }

  end(): this {
    const inner = this.labels.at(-1);
    if (inner?.block && inner.label === this.leaving) this.leaving = null;
    this.op('end');
    this.labels.pop();
    return this;
  }

  depth(label: Label): number {
    const at = this.labels.findLastIndex((l) => l.label === label);
    if (at === -1) throw new Error('branch to a label that is not open');
    return this.labels.length - 1 - at;
  }

  br(label: Label): this {
    this.flush();
    this.leaving = label;
    return this;
  }

  brIf(label: Label): this {
    return this.op('br_if', this.depth(label));
  }
}
