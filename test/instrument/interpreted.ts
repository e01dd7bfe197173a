/**
 * Counts by an independent method: the interpreter executes every instruction and counts in its own code stream, where
 * branches of the guest are one threaded instruction each.
 */

import { META } from '../../src/machine/code-buffer.ts';
import { Machine } from '../../src/machine/machine.ts';
import { resolveOptions } from '../../src/options.ts';
import { collectStats } from '../../src/profile/collect.ts';
import { walkFlow } from '../../src/profile/flow.ts';
import type { Stats } from '../../src/profile/schema.ts';
import type { Host } from '../modes/harness.ts';

export interface Interpreted {
  stats: Stats;
  /** Times that a conditional branch branched in the interpreter's code, by function and guest offset. */
  outcomes: Map<string, number[]>;
}

/** Runs the guest in the interpreter only. `run` may throw. */
export function interpreted(bytes: Uint8Array, host: Host, run: (exports: WebAssembly.Exports) => void): Interpreted {
  const machine = new Machine(Uint8Array.from(bytes), host.imports, resolveOptions({ mode: 'interp' }));
  machine.start();
  const { exports } = machine.guest.instance;
  host.attach?.(exports);
  run(exports);
  const stats = collectStats(machine, null);
  const outcomes = new Map<string, number[]>();
  for (const code of machine.map.all()) {
    const offsets = new Map<number, number>();
    for (let row = 0; row < code.meta.length; row += META.size)
      offsets.set(
        code.base + 4 * (code.meta[row] as number),
        machine.map.at(code.base + 4 * (code.meta[row] as number))?.offset ?? -1,
      );
    walkFlow(machine, code, new Map(), (pc, arm, flow) => {
      const key = `${code.func}:${offsets.get(pc)}`;
      if (arm.kind === 'branch') {
        const taken = machine.memory.count(pc + 4 * ((arm.target as number) + 2));
        outcomes.set(key, [taken, flow - taken]);
      }
      if (arm.kind === 'table') {
        const n = machine.memory.word(pc + 8);
        outcomes.set(
          key,
          Array.from({ length: n + 1 }, (_, i) => machine.memory.count(pc + 20 + 16 * i)),
        );
      }
    });
  }
  machine.dispose();
  return { stats, outcomes };
}
