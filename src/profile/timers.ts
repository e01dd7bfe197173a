/**
 * Milliseconds spent in TypeScript by component; nested components count for themselves only. Meanwhile the word that
 * samplers look at names the component, so that its samples are not taken for the guest's.
 */
import { CTL, STATE } from '../machine/layout.ts';
import type { MachineMemory } from '../machine/memory.ts';

export type Component = 'record' | 'optimize' | 'compile' | 'translate';

/** What `start` gives: when, the time of nested components before, and what the machine was doing. */
interface Started {
  readonly at: number;
  readonly nested: number;
  readonly state: number;
}

export class Timers {
  readonly ms: Record<Component, number> = { record: 0, optimize: 0, compile: 0, translate: 0 };
  readonly origin: number;
  private readonly memory: MachineMemory;
  private nested = 0;

  /** `origin`: when the run began. */
  constructor(memory: MachineMemory, origin: number) {
    this.memory = memory;
    this.origin = origin;
  }

  /** Returns a token for `stop`. */
  start(component: Component): Started {
    const token = { at: performance.now(), nested: this.nested, state: this.memory.word(CTL.state) };
    this.nested = 0;
    this.memory.setWord(CTL.state, STATE[component]);
    return token;
  }

  /** The machine goes on with what it did before. */
  stop(component: Component, token: Started): void {
    const all = performance.now() - token.at;
    this.ms[component] += all - this.nested;
    this.nested = token.nested + all;
    this.memory.setWord(CTL.state, token.state);
  }
}
