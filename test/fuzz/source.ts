/**
 * The decisions behind a random module, as a tree: each part of the module (function, statement, expression) has a node
 * with its own decisions and those of its parts. A failing module is made smaller by cutting the tree: what is missing
 * counts as decision 0, which is always the simplest one, and the rest of the tree keeps its meaning.
 */

export interface Decisions {
  values: number[];
  parts: Decisions[];
}

interface Cursor {
  made: Decisions;
  /** Decisions to repeat; null where there are none. */
  from: Decisions | null;
}

export const noDecisions = (): Decisions => ({ values: [], parts: [] });

/** Decides by seed (xorshift32 after a mixing step), or repeats the decisions of a tree. */
export class Source {
  /** All decisions so far. */
  readonly decisions: Decisions = noDecisions();
  private state: number;
  private readonly random: boolean;
  private at: Cursor;

  constructor(from: number | Decisions) {
    this.random = typeof from === 'number';
    this.at = { made: this.decisions, from: typeof from === 'number' ? null : from };
    // Neighbouring seeds have to begin differently.
    this.state = typeof from === 'number' ? Math.imul(from + 0x9e3779b9, 0x85ebca6b) | 1 : 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  private next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  /** Takes the decisions of `part` as a part of their own. */
  within<T>(part: () => T): T {
    const { at } = this;
    const made = noDecisions();
    const from = at.from?.parts[at.made.parts.length] ?? null;
    at.made.parts.push(made);
    this.at = { made, from };
    const result = part();
    this.at = at;
    return result;
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    const { made, from } = this.at;
    const value = this.random ? this.next() % n : (from?.values[made.values.length] ?? 0) % n;
    made.values.push(value);
    return value;
  }

  /** Decision 0, whatever else might have come: recorded, so that it stays when there is more room for others. */
  nothing(): 0 {
    this.at.made.values.push(0);
    return 0;
  }

  /** True in `percent` of 100 cases; false is the simple answer. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Index of a weight; index 0 is the simple answer. */
  weighted(weights: readonly number[]): number {
    let x = this.below(weights.reduce((a, b) => a + b, 0));
    return weights.findIndex((w) => (x -= w) < 0);
  }
}
