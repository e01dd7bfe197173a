/**
 * Arms that a module will need, from one flat scan of its code: so that the interpreter is generated once. What the
 * scan cannot foresee is added when a function is translated, at the price of generating the interpreter again.
 */

import { topType } from '../wasm/hierarchy.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opByName } from '../wasm/opcodes.ts';
import type { ValType } from '../wasm/row.ts';
import { scan } from '../wasm/scan.ts';
import type { ArmSet } from './arm.ts';
import { atomicArm } from './arms/atomic.ts';
import { callArm, callRefArm, importArm, indirectArm, returnArm, returnValueArm } from './arms/call.ts';
import { branchArm, branchKey, type Condition, tableArm, unreachableArm } from './arms/control.ts';
import { constArm, copyArm, selectArm } from './arms/data.ts';
import { globalGetArm, globalSetArm } from './arms/global.ts';
import { addressType, loadArm, storeArm } from './arms/memory.ts';
import { numericArm, numericKey } from './arms/numeric.ts';
import { tailIndirectArm, tailRefArm } from './arms/tail.ts';
import type { TranslateEnv } from './translate/env.ts';
import { isCondition } from './translate/values.ts';

export function preloadArms(arms: ArmSet, module: WasmModule, env: TranslateEnv): void {
  const used = scan(module);
  const add = (arm: ReturnType<typeof numericArm>) => arms.index(arm.key, () => arm);
  for (const arm of [callArm, returnArm, tableArm, unreachableArm]) add(arm);
  const branch = (cond: Condition) => {
    for (const when of [true, false]) arms.index(branchKey(cond, when), () => branchArm(cond, when));
  };
  branch({ row: null, form: 'r' });
  const types: ValType[] = ['i32', 'i64', 'f32', 'f64'];
  if ([...used.ops].some((name) => name.startsWith('v128') || /x\d+\./.test(name))) types.push('v128');
  for (const type of types) for (const make of [constArm, copyArm, selectArm, returnValueArm]) add(make(type));
  const first = { mem: 0, addr: addressType(module.memories[0]) };
  for (const name of used.ops) {
    const row = opByName(name);
    if (row.imms.length > 0 && !row.imms.includes('memarg')) continue;
    if (row.effect === 'load' && !row.imms.includes('lane')) {
      for (const form of ['z', 'o'] as const) add(loadArm(row, form, first));
    } else if (row.effect === 'atomic') {
      for (const form of ['z', 'o'] as const) if (row.bytes) add(atomicArm(row, form, first));
    } else if (row.effect === 'store' && !row.imms.includes('lane')) {
      const forms = row.sig?.params[1] === 'v128' ? (['z', 'o'] as const) : (['z', 'o', 'kz', 'ko'] as const);
      for (const form of forms) add(storeArm(row, form, first));
    } else if (
      row.imms.length === 0 &&
      row.sig?.results.length === 1 &&
      (row.effect === 'pure' || row.effect === 'trap')
    ) {
      const forms = row.sig.params.length === 2 ? (['r', 'k'] as const) : (['r'] as const);
      for (const form of forms) {
        arms.index(numericKey(row, form, {}), () => numericArm(row, form));
        if (isCondition(row)) branch({ row, form });
      }
    }
  }
  for (const [globals, make] of [
    [used.globalsRead, globalGetArm],
    [used.globalsWritten, globalSetArm],
  ] as const) {
    for (const g of globals) {
      const { type } = module.globals[g] as { type: ValType };
      add(make(g, type, topType(module.types, type)));
    }
  }
  for (const f of used.importsCalled) {
    add(importArm(f, env.signature(f), env.exactSignature(module.functions[f] as number)));
  }
  for (const [type, table] of used.indirect) {
    const [sig, exact] = [env.typeSignature(type), env.exactSignature(type)];
    const target = { table, addr: addressType(module.tables[table]) };
    if (used.ops.has('call_indirect')) add(indirectArm(type, target, sig, exact));
    if (used.ops.has('return_call_indirect')) add(tailIndirectArm(type, target, sig, exact));
  }
  for (const type of used.refCalls) {
    const [sig, exact] = [env.typeSignature(type), env.exactSignature(type)];
    if (used.ops.has('call_ref')) add(callRefArm(type, sig, exact));
    if (used.ops.has('return_call_ref')) add(tailRefArm(type, sig, exact));
  }
}
