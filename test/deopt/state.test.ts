/**
 * The exact state of a guest wherever something can look at it: at host calls, at traps, and where the fuel ends. It is
 * the same in the interpreter and whatever fragments did before.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import type { StateDump } from '../../src/deopt/state.ts';
import { type GuestMachine, instantiateSync, type Options } from '../../src/index.ts';
import { generate } from '../fuzz/differ.ts';
import { makeHost } from '../fuzz/host.ts';
import { SIZES } from '../fuzz/plan.ts';
import type { Host, Step } from '../modes/harness.ts';
import { MODES, TRACING } from '../modes/modes.ts';
import { watched } from '../modes/watchdog.ts';

/** States kept of one run; a random module can call the host thousands of times. */
const KEPT = 150;

/** The state as text. What has been counted so far is part of it only with fuel; fragments count at their exits else. */
function text(state: StateDump | null, counted: boolean): string {
  if (!state) return 'none';
  const { instructions, ...rest } = state;
  return JSON.stringify(counted ? state : rest);
}

interface Observer {
  states: string[];
  fragments: number;
}

/** Runs the steps, and keeps the state at each host call and at each trap. */
function statesOf(
  bytes: Uint8Array,
  makeHost: () => Host,
  steps: readonly Step[],
  options: Partial<Options>,
): Observer {
  const host = makeHost();
  const seen: Observer = { states: [], fragments: 0 };
  let machine: GuestMachine | null = null;
  const keep = (what: string) => {
    if (machine && seen.states.length < KEPT) seen.states.push(`${what}: ${text(machine.state(), false)}`);
  };
  const imports: WebAssembly.Imports = {};
  for (const [from, part] of Object.entries(host.imports)) {
    const noted: Record<string, unknown> = (imports[from] = {});
    for (const [name, value] of Object.entries(part)) {
      noted[name] =
        typeof value !== 'function'
          ? value
          : (...args: unknown[]) => {
              keep(`in ${name}`);
              return (value as (...args: unknown[]) => unknown)(...args);
            };
    }
  }
  const opened = instantiateSync(Uint8Array.from(bytes), imports, options);
  machine = opened.machine;
  expect(machine.nativeReason).to.equal(null);
  host.attach?.(opened.instance.exports);
  for (const step of steps) {
    try {
      if (typeof step === 'function') step(opened.instance.exports);
      else (opened.instance.exports[step[0]] as (...args: unknown[]) => unknown)(...step.slice(1));
    } catch (error) {
      keep(error instanceof Error ? error.message : String(error));
    }
  }
  seen.fragments = machine.stats().instructions.fragments;
  machine.dispose();
  return seen;
}

describe('state of the guest', () => {
  it('is the same at host calls and traps of random modules in every mode', () => {
    let states = 0;
    let fragments = 0;
    for (let seed = 700_000; seed < 700_010; seed++) {
      const { module } = generate(seed, SIZES.normal);
      const at = (name: keyof typeof MODES) =>
        watched(`seed ${seed} in ${name}`, () => statesOf(module.bytes, makeHost, module.steps, MODES[name] ?? {}));
      const interpreted = at('interp');
      states += interpreted.states.length;
      // Where the host traps, locals are lost by intention.
      for (const name of TRACING.filter((mode) => mode !== 'traps')) {
        const run = at(name);
        fragments += run.fragments;
        expect(run.states, `seed ${seed} in ${name}`).to.deep.equal(interpreted.states);
      }
    }
    expect(states).to.be.greaterThan(100);
    expect(fragments).to.be.greaterThan(1000);
  });

  for (const name of ['crc32', 'quicksort', 'fib', 'trees', 'callbacks', 'indirect'] as const) {
    it(`is the same wherever the fuel of ${name} ends`, () => {
      const row = GUESTS.find((g) => g.name === name)!;
      for (const build of row.builds) {
        const bytes = readFileSync(wasmPath(row, build));
        for (const fuel of [409, 1009, 4001, 15_013, 30_011]) {
          const interpreted = stateAt(bytes, row, fuel, MODES.interp);
          expect(interpreted.frames, `fuel ${fuel}`).not.to.be.empty;
          for (const mode of ['eager', 'plain', 'random1', 'force'] as const) {
            const state = stateAt(bytes, row, fuel, MODES[mode]);
            expect(text(state, true), `${build}, fuel ${fuel}, ${mode}`).to.equal(text(interpreted, true));
          }
        }
      }
    });
  }
});

function stateAt(bytes: Uint8Array, row: (typeof GUESTS)[number], fuel: number, options: Partial<Options>): StateDump {
  const host = makeImports(row);
  const { instance, machine } = instantiateSync(Uint8Array.from(bytes), host.imports, { ...options, fuel });
  host.attach(instance.exports);
  expect(() => (instance.exports.run as (n: number) => unknown)(row.sizes.small)).to.throw('fuel');
  const state = machine.state() as StateDump;
  machine.dispose();
  return state;
}
