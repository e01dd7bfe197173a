/** Asks the host what kind of reference a value is: `ref.test` of an abstract heap type, as an exported function. */
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import type { ValType } from '../../src/wasm/row.ts';

/** Expected reference types, with the top type of their hierarchy and the heap type to test for. */
const TESTS: Record<string, { top: ValType; heap: string }> = {
  funcref: { top: 'funcref', heap: 'func' },
  externref: { top: 'externref', heap: 'extern' },
  anyref: { top: 'anyref', heap: 'any' },
  eqref: { top: 'anyref', heap: 'eq' },
  i31ref: { top: 'anyref', heap: 'i31' },
  structref: { top: 'anyref', heap: 'struct' },
  arrayref: { top: 'anyref', heap: 'array' },
};

const made = new Map<string, (value: unknown) => number>();

function makeTest(type: string): (value: unknown) => number {
  const test = TESTS[type];
  if (!test) throw new Error(`the runner knows no test for references of type ${type}`);
  const builder = new ModuleBuilder();
  const func = builder.declare(builder.type([test.top], ['i32']));
  builder.define(func, [], new CodeWriter().op('local.get', 0).op('ref.test', test.heap));
  builder.export('test', 'func', func);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()));
  return instance.exports.test as (value: unknown) => number;
}

/** True when `value` is a reference of `type` (`structref`, `funcref`, ...) and not null. */
export function isReference(type: string, value: unknown): boolean {
  let test = made.get(type);
  if (!test) made.set(type, (test = makeTest(type)));
  try {
    return test(value) === 1;
  } catch {
    // A value of another hierarchy does not even convert.
    return false;
  }
}
