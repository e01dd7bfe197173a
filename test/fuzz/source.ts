/**
 * The stream of decisions behind a random module. It is recorded, so that a failing module can be made smaller by making
 * its stream smaller: decision 0 is always the simplest one, and a stream that has run out answers 0.
 */

/** Decisions by seed (xorshift32 after a mixing step), or those of a given list. */
export class Source {
  /** Decisions so far. */
  readonly draws: number[] = [];
  private state: number;
  private readonly replay: readonly number[] | null;

  constructor(from: number | readonly number[]) {
    this.replay = typeof from === 'number' ? null : from;
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

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    const value = this.replay ? (this.replay[this.draws.length] ?? 0) % n : this.next() % n;
    this.draws.push(value);
    return value;
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
