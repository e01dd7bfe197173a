/** String builtins and string constants, which the host provides when it compiles a module: equal in all modes. */
import { expect } from 'chai';
import { instantiateSync } from '../../src/index.ts';
import { MODES } from '../modes/modes.ts';
import { watAll } from './text.ts';

const COMPILE = { builtins: ['js-string'], importedStringConstants: "'" };

const BYTES = watAll(`(module
  (type $chars (array (mut i16)))
  (import "m" "note" (func $note (param externref) (result i32)))
  (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
  (import "wasm:js-string" "concat" (func $concat (param externref externref) (result (ref extern))))
  (import "'" "hello" (global $hello (ref extern)))
  (import "wasm:js-string" "charCodeAt" (func $at (param externref i32) (result i32)))
  (import "wasm:js-string" "test" (func $test (param externref) (result i32)))
  (import "'" "" (global $empty (ref extern)))
  (import "m" "start" (global $start i32))
  (import "wasm:js-string" "fromCharCodeArray" (func $from (param (ref null $chars) i32 i32) (result (ref extern))))
  (func (export "run") (param $n i32) (result externref) (local $i i32) (local $s externref) (local $sum i32) (local $a (ref $chars))
    (local.set $s (global.get $empty))
    (local.set $a (array.new $chars (i32.const 65) (i32.const 8)))
    (local.set $i (global.get $start))
    (loop $l
      (array.set $chars (local.get $a) (i32.and (local.get $i) (i32.const 7)) (i32.add (i32.const 65) (i32.rem_u (local.get $i) (i32.const 26))))
      (if (i32.lt_u (call $length (local.get $s)) (i32.const 100))
        (then (local.set $s (call $concat (local.get $s) (call $from (local.get $a) (i32.const 2) (i32.const 4)))))
        (else (local.set $s (call $concat (global.get $hello) (global.get $empty)))))
      (local.set $sum (i32.add (local.get $sum) (call $at (local.get $s) (i32.const 1))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (drop (call $note (local.get $s)))
    (call $concat (local.get $s) (call $from (local.get $a) (i32.const 0) (i32.add (i32.const 1) (i32.and (local.get $sum) (i32.const 7))))))
  (func (export "test") (param $x externref) (result i32)
    (i32.add (call $test (local.get $x)) (call $note (local.get $x))))
  (func (export "at") (param $x externref) (param $i i32) (result i32) (call $at (local.get $x) (local.get $i))))`);

const STEPS: readonly (readonly [string, ...unknown[]])[] = [
  ['run', 3],
  ['run', 200],
  ['test', 'text'],
  ['test', 5],
  ['at', 'text', 2],
  ['at', 'text', 4],
  ['at', null, 4],
  ['run', 47],
];

function observe(mode: keyof typeof MODES): { steps: string[]; noted: unknown[]; compiled: number } {
  const noted: unknown[] = [];
  const imports = { m: { note: (x: unknown) => noted.push(x), start: 1 } };
  const options = MODES[mode];
  const opened = options && instantiateSync(BYTES, imports, { ...options, ...COMPILE });
  const native = () => new WebAssembly.Instance(new WebAssembly.Module(BYTES, COMPILE), imports);
  const { exports } = opened?.instance ?? native();
  const steps = STEPS.map(([name, ...args]) => {
    try {
      return String((exports[name] as (...args: unknown[]) => unknown)(...args));
    } catch (error) {
      return String(error);
    }
  });
  return { steps, noted, compiled: opened?.machine.stats().traces.compiled ?? 0 };
}

describe('string builtins', () => {
  it('are the same in all modes', () => {
    const native = observe('native');
    expect(native.steps.filter((s) => s.includes('Error'))).to.have.lengthOf(2);
    for (const mode of Object.keys(MODES) as (keyof typeof MODES)[]) {
      const { steps, noted, compiled } = observe(mode);
      expect({ steps, noted }, mode).to.deep.equal({ steps: native.steps, noted: native.noted });
      if (mode === 'eager') expect(compiled).to.be.greaterThan(0);
    }
  });

  it('are imports like any others where nobody asks for them', () => {
    const imports = { m: { note: () => 1, start: 0 }, 'wasm:js-string': {} };
    const message = (open: () => unknown): string => {
      try {
        open();
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const native = message(() => new WebAssembly.Instance(new WebAssembly.Module(BYTES), imports));
    expect(native).to.contain('Import');
    expect(message(() => instantiateSync(BYTES, imports, { mode: 'interp' }))).to.equal(native);
  });
});
