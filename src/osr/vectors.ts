/**
 * Whether code has a loop that the machine may run in vectors, which the host never does: an innermost loop that reads or
 * writes memory and does nothing else but arithmetic, with few branches, none of which depends on what was read. Only a first look; what becomes of it, the
 * machine's optimizer says.
 */
import { BodyReader } from '../wasm/body.ts';
import type { WasmModule } from '../wasm/module.ts';

/** Branches in such a loop: back to the head, and out at the end. */
const MOST_BRANCHES = 3;

/** Opcodes that open a construct that `end` closes. */
const OPENS: ReadonlySet<string> = new Set(['block', 'loop', 'if', 'try', 'try_table']);

/** The innermost loop that is open. What is on the operand stack and in locals is known as far as it came from memory. */
class Candidate {
  /** Constructs open at its head, itself not counted. */
  readonly depth: number;
  private plain = true;
  private branches = 0;
  private accesses = 0;
  private readonly stack: boolean[] = [];
  private readonly loaded = new Set<number>();

  constructor(depth: number) {
    this.depth = depth;
  }

  get suits(): boolean {
    return this.plain && this.accesses > 0 && this.branches <= MOST_BRANCHES;
  }

  private pop(): boolean {
    return this.stack.pop() ?? false;
  }

  private pops(count: number): boolean {
    let loaded = false;
    for (let i = 0; i < count; i++) if (this.pop()) loaded = true;
    return loaded;
  }

  /** A branch that depends on what is in memory has no number of trips that is known before. */
  private condition(): void {
    this.branches++;
    if (this.pop()) this.plain = false;
  }

  add(body: BodyReader): void {
    const { name, effect, sig } = body.op;
    switch (name) {
      case 'local.get':
        this.stack.push(this.loaded.has(body.a));
        return;
      case 'local.set':
      case 'local.tee': {
        const loaded = this.pop();
        if (loaded) this.loaded.add(body.a);
        else this.loaded.delete(body.a);
        if (name === 'local.tee') this.stack.push(loaded);
        return;
      }
      case 'block':
      case 'if':
        if (name === 'if') this.condition();
        if (body.blockType !== 'void') this.plain = false;
        return;
      case 'br_if':
        this.condition();
        return;
      case 'br':
        this.branches++;
        return;
      case 'else':
      case 'end':
        return;
      case 'drop':
        this.pop();
        return;
      case 'select':
        this.stack.push(this.pops(3));
        return;
    }
    if (!sig || (effect !== 'pure' && effect !== 'load' && effect !== 'store')) {
      this.plain = false;
      return;
    }
    const loaded = this.pops(sig.params.length);
    for (const _ of sig.results) this.stack.push(loaded || effect === 'load');
    if (effect !== 'pure') this.accesses++;
  }
}

function inFunction(body: BodyReader): boolean {
  let depth = 0;
  let loop: Candidate | null = null;
  while (body.next()) {
    const { name } = body.op;
    if (name === 'loop') loop = new Candidate(depth);
    else loop?.add(body);
    if (OPENS.has(name)) depth++;
    if (name !== 'end') continue;
    depth--;
    if (loop === null || depth !== loop.depth) continue;
    if (loop.suits) return true;
    // What is around it is no innermost loop.
    loop = null;
  }
  return false;
}

/** True where some function of the module has such a loop. */
export function hasVectorLoop(module: WasmModule): boolean {
  return module.code.some((_, i) => inFunction(new BodyReader(module, module.importedFunctions + i)));
}
