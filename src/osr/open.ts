/** Opens a guest in the native-first tier. */
import { knowStacks } from '../deopt/stacks.ts';
import type { Place } from '../deopt/state.ts';
import type { CompileOptions } from '../guest/compile-imports.ts';
import { instantiateGuest } from '../guest/foreign.ts';
import type { Options } from '../options.ts';
import type { MovedSite, Stats } from '../profile/schema.ts';
import type { WasmModule } from '../wasm/module.ts';
import { shownName } from '../wasm/names.ts';
import { createProbed, type ProbedGuest } from './guest.ts';
import { findSites } from './loops.ts';
import { FIRST_BUDGET, NativeTier } from './tier.ts';
import { placeInStack } from './trap.ts';

/** Bytes of code from which on a module runs as it is: to look at all of it would delay its start. */
const MOST_CODE = 4 * 1024 * 1024;

export interface NativeFirst {
  readonly instance: WebAssembly.Instance;
  readonly memories: readonly WebAssembly.Memory[];
  /** Sites from which activations moved. */
  moved(): { sites: number; moved: MovedSite[] };
  /** Milliseconds by component; missing: nothing was made. */
  spent(): Partial<Stats['time_ms']>;
  /** Where in the guest an error came up. */
  place(error: unknown): Place | null;
}

/** Throws the host's own errors for modules that do not link. `host`: the same module, compiled. */
export function openNativeFirst(
  module: WasmModule,
  host: WebAssembly.Module,
  imports: WebAssembly.Imports | undefined,
  options: Options,
  compile: CompileOptions | null = null,
): NativeFirst {
  const code = module.code.at(-1)?.end ?? 0;
  const sited = code - (module.code[0]?.start ?? 0) > MOST_CODE ? [] : findSites(module);
  const names = module.memories.map((_, i) => module.exports.find((e) => e.kind === 'memory' && e.index === i)?.name);
  if (sited.length === 0 && !names.includes(undefined)) {
    const instance = instantiateGuest(host, imports);
    return {
      instance,
      memories: names.map((name) => instance.exports[name as string] as WebAssembly.Memory),
      moved: () => ({ sites: 0, moved: [] }),
      spent: () => ({}),
      place: () => null,
    };
  }
  const { moveAfter } = options;
  const guest = createProbed(module, imports, sited, 2 * (moveAfter > 0 ? moveAfter - 1 : FIRST_BUDGET), compile);
  const tier = new NativeTier(guest, options);
  knowStacks({ tier });
  guest.connect((site, left) => tier.ask(site, left));
  guest.runStart();
  return {
    instance: guest.instance,
    memories: guest.memories,
    moved: () => ({ sites: tier.sites.length, moved: movedSites(guest, tier) }),
    spent: () => tier.spent,
    place: (error) => placeInStack(guest, tier, error),
  };
}

function movedSites({ module }: ProbedGuest, tier: NativeTier): MovedSite[] {
  return tier.sites
    .filter((r) => r.code !== null)
    .map(({ site, machine, moved, ms, bytes }) => ({
      func: site.func,
      name: shownName(module, site.func),
      offset: site.at,
      activations: moved,
      machine: machine !== null,
      compile_ms: ms,
      bytes,
    }));
}
