/** The loops of a guest's function, as ranges of bytes. */
import { BodyReader } from '../wasm/body.ts';
import { functionAt } from '../wasm/function-at.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opensBlock } from '../wasm/row.ts';

interface Range {
  /** Byte offset of the `loop` instruction, and of its `end`. */
  readonly offset: number;
  readonly end: number;
}

export class GuestLoops {
  private readonly module: WasmModule;
  private readonly known = new Map<number, readonly Range[]>();

  constructor(module: WasmModule) {
    this.module = module;
  }

  /** Byte offset of the innermost loop that holds the instruction at an offset, itself included; null without one. */
  around(offset: number): number | null {
    const func = functionAt(this.module, offset);
    if (func === null) return null;
    let found: Range | null = null;
    for (const loop of this.of(func))
      if (loop.offset <= offset && offset < loop.end && (found === null || loop.offset > found.offset)) found = loop;
    return found?.offset ?? null;
  }

  /** Byte offsets of the loops of a function that hold no other, ascending. */
  innermost(func: number): number[] {
    const all = this.of(func);
    return all
      .filter((a) => !all.some((b) => b.offset > a.offset && b.offset < a.end))
      .map((l) => l.offset)
      .sort((a, b) => a - b);
  }

  private of(func: number): readonly Range[] {
    let list = this.known.get(func);
    if (!list) this.known.set(func, (list = loopsOf(this.module, func)));
    return list;
  }
}

function loopsOf(module: WasmModule, func: number): Range[] {
  const loops: Range[] = [];
  /** Offsets of open loops, null for other blocks. */
  const open: (number | null)[] = [];
  const body = new BodyReader(module, func);
  while (body.next()) {
    const { name } = body.op;
    if (name === 'loop') open.push(body.offset);
    else if (opensBlock(body.op)) open.push(null);
    else if (name === 'end' || name === 'delegate') {
      const offset = open.pop();
      if (typeof offset === 'number') loops.push({ offset, end: body.offset });
    }
  }
  return loops;
}
