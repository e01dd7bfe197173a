/**
 * Functions whose entries need no counter: those that are only ever called directly, from places that are counted. What
 * enters such a function is what its call sites executed. Of functions that call each other in a circle one is counted; a
 * function that calls itself is counted where its own flow does not tell how often it does.
 */

import { isReference } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import { scan } from '../wasm/scan.ts';

export interface CallSite {
  readonly caller: number;
  /** Byte offset of the call. */
  readonly offset: number;
}

/** Direct calls of each defined function. */
export function callSites(module: WasmModule): Map<number, CallSite[]> {
  const sites = new Map<number, CallSite[]>();
  const at = scan(module).callSites;
  let i = 0;
  module.code.forEach(({ end }, defined) => {
    const caller = module.importedFunctions + defined;
    for (; i < at.length && (at[i] as number) < end; i++) {
      const callee = new Reader(module.bytes, at[i]).u32();
      if (callee < module.importedFunctions) continue;
      const list = sites.get(callee) ?? [];
      // Both direct calls have an opcode of one byte.
      list.push({ caller, offset: (at[i] as number) - 1 });
      sites.set(callee, list);
    }
  });
  return sites;
}

/** Defined functions that somebody besides direct calls can enter; null: all of them. */
function enteredOtherwise(module: WasmModule): Set<number> | null {
  // Expressions may hold references that nobody scans.
  if (module.elements.some((e) => e.funcs === null) || module.globals.some((g) => isReference(g.type))) return null;
  const open = new Set(scan(module).refFuncs);
  for (const e of module.elements) for (const f of e.funcs ?? []) open.add(f);
  for (const e of module.exports) if (e.kind === 'func') open.add(e.index);
  if (module.start !== null) open.add(module.start);
  return open;
}

/**
 * The functions whose entries follow, callers before what they call. `recursive(func, sites)` says whether a function that
 * calls itself at these places tells by its own flow how often.
 */
export function derivedEntries(
  module: WasmModule,
  sites: ReadonlyMap<number, readonly CallSite[]>,
  recursive: (func: number, own: readonly CallSite[]) => boolean,
): Set<number> {
  const open = enteredOtherwise(module);
  const derived = new Set<number>();
  if (open === null) return derived;
  const candidates = new Set<number>();
  module.code.forEach((_, i) => {
    const func = module.importedFunctions + i;
    if (open.has(func)) return;
    const own = (sites.get(func) ?? []).filter((s) => s.caller === func);
    if (own.length === 0 || recursive(func, own)) candidates.add(func);
  });
  /** Callers of a candidate of which it is not known yet whether they are derived. */
  const waiting = new Map<number, Set<number>>();
  const callees = new Map<number, number[]>();
  const ready: number[] = [];
  for (const func of candidates) {
    const callers = new Set(
      (sites.get(func) ?? []).map((s) => s.caller).filter((c) => c !== func && candidates.has(c)),
    );
    waiting.set(func, callers);
    for (const c of callers) callees.set(c, [...(callees.get(c) ?? []), func]);
    if (callers.size === 0) ready.push(func);
  }
  const settle = (func: number) => {
    waiting.delete(func);
    for (const callee of callees.get(func) ?? []) {
      const callers = waiting.get(callee);
      callers?.delete(func);
      if (callers?.size === 0) ready.push(callee);
    }
  };
  for (;;) {
    const func = ready.pop();
    if (func !== undefined) {
      if (!waiting.has(func)) continue;
      derived.add(func);
      settle(func);
      continue;
    }
    // Only circles are left: one function of them is counted.
    const [next] = waiting.keys();
    if (next === undefined) return derived;
    settle(next);
  }
}
