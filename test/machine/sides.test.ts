/** Side tables are made where references can be in frames, and only there: they are as long as the frame stack. */
import { expect } from 'chai';
import { instantiateSync } from '../../src/index.ts';
import { usedSides } from '../../src/machine/sides.ts';
import { ModuleBuilder } from '../../src/wasm/builder.ts';
import { CodeWriter } from '../../src/wasm/code.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { parseWat } from '../../src/wasm/wat.ts';

const TABLE = '(type $t (func)) (table (export "t") 1 funcref)';

/** What a module has, and the hierarchies that its frames may need. */
const MODULES: Record<string, [body: string, sides: string[]]> = {
  'calls through a table': ['(func (export "f") (call_indirect (type $t) (i32.const 0)))', []],
  'a reference from a table': ['(func (export "f") (drop (table.get 0 (i32.const 0))))', ['funcref']],
  'a reference from a global': [
    '(global $g funcref (ref.null func)) (func (export "f") (drop (global.get $g)))',
    ['funcref'],
  ],
  'the size of a table': ['(func (export "f") (drop (table.size 0)))', ['funcref']],
  'an unreachable table.set': ['(func (export "f") unreachable table.set 0)', ['funcref']],
};

function call(x: WebAssembly.Exports): string {
  try {
    return String((x.f as () => unknown)());
  } catch (error) {
    return String(error);
  }
}

function check(bytes: Uint8Array<ArrayBuffer>, sides: readonly string[]): void {
  expect(usedSides(decodeModule(bytes))).to.deep.equal(sides);
  const { instance } = instantiateSync(bytes, {}, { mode: 'interp' });
  const native = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  expect(call(instance.exports)).to.equal(call(native.exports));
}

describe('side tables', () => {
  for (const [name, [body, sides]] of Object.entries(MODULES)) {
    it(`of a module with ${name}: ${sides.join() || 'none'}`, async () => {
      const bytes = await parseWat(`(module ${TABLE} ${body})`, name);
      check(bytes, sides);
    });
  }

  for (const op of ['call_ref', 'return_call_ref']) {
    // Parsers of text drop what cannot be reached.
    it(`of a module with an unreachable ${op}: funcref`, () => {
      const b = new ModuleBuilder();
      const type = b.type([], []);
      const f = b.declare(type, 'f');
      b.define(f, [], new CodeWriter().op('unreachable').op(op, type));
      b.export('f', 'func', f);
      check(b.finish(), ['funcref']);
    });
  }
});
