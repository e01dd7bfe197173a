/** Names of exports that a guest gets in addition: nobody sees them, and no guest export has such a name. */
import type { WasmModule } from '../wasm/module.ts';

export function hiddenPrefix(module: WasmModule): string {
  let prefix = '\u0001wynamo';
  while (module.exports.some((e) => e.name.startsWith(prefix))) prefix += '_';
  return prefix;
}

/** Names of the hidden exports. */
export interface HiddenNames {
  readonly prefix: string;
  memory(i: number): string;
  table(i: number): string;
  global(i: number): string;
  tag(i: number): string;
  helper(i: number): string;
  readonly entries: string;
  readonly twins: string;
  /** Table of all functions that the guest defines; only where it calls by reference. */
  readonly functions: string;
  readonly start: string;
  /** Table through which probes ask, and function that sets budgets; see osr/probed.ts. */
  readonly probes: string;
  readonly setBudget: string;
}

export function hiddenNames(module: WasmModule): HiddenNames {
  const prefix = hiddenPrefix(module);
  const of = (kind: string) => (i: number) => `${prefix}.${kind}.${i}`;
  return {
    prefix,
    memory: of('memory'),
    table: of('table'),
    global: of('global'),
    tag: of('tag'),
    helper: of('helper'),
    entries: `${prefix}.entries`,
    twins: `${prefix}.twins`,
    functions: `${prefix}.functions`,
    start: `${prefix}.start`,
    probes: `${prefix}.probes`,
    setBudget: `${prefix}.budget`,
  };
}
