/** Milliseconds spent in TypeScript by component; nested components count for themselves only. */

export type Component = 'record' | 'optimize' | 'compile' | 'translate';

export class Timers {
  readonly ms: Record<Component, number> = { record: 0, optimize: 0, compile: 0, translate: 0 };
  readonly origin: number = performance.now();
  private nested = 0;

  /** Returns a token for `stop`. */
  start(_state: number): { at: number; nested: number } {
    const token = { at: performance.now(), nested: this.nested };
    this.nested = 0;
    return token;
  }

  stop(component: Component, token: { at: number; nested: number }): void {
    const all = performance.now() - token.at;
    this.ms[component] += all - this.nested;
    this.nested = token.nested + all;
  }
}
