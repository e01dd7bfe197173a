/** Stacks of errors under `--import wynamo/register`: the guest's functions with their names and byte offsets, as natively. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { parseWat } from '../../src/wasm/wat.ts';
import { Scratch } from '../cli/harness.ts';

const REGISTER = new URL('../../src/register/index.ts', import.meta.url).href;

/** `divide` traps in a function that its loop calls, `load` in an inner loop, `host` leaves the guest from there. */
const TEXT = `(module $guest
  (import "env" "throws" (func $throws (param i32)))
  (memory 1)
  (func $inner (param $a i32) (param $b i32) (result i32)
    (i32.div_u (i32.const 7) (i32.sub (local.get $a) (local.get $b))))
  (func $divide (export "divide") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (call $inner (local.get $n) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $l))
    (local.get $s))
  (func $load (export "load") (param $n i32) (result i32) (local $i i32) (local $at i32)
    (loop $o
      (local.set $i (i32.const 10))
      (loop $l
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $i)))
        (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (br_if $o (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load (i32.const -4)))
  (func $host (export "host") (param $n i32) (result i32)
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $calls) (local.get $n))
  (func $calls (call $throws (i32.const 1))))`;

/** With a name section. */
const BYTES = await parseWat(TEXT, 'guest.wat');

const PROGRAM = `
const bytes = Uint8Array.from(${JSON.stringify([...BYTES])});
const env = { throws() { throw new TypeError('from the host'); } };
const { instance } = await WebAssembly.instantiate(bytes, { env });
const { divide, load, host } = instance.exports;
for (const call of [() => divide(300), () => load(2), () => load(1000), () => host(100)]) {
  try {
    call();
  } catch (error) {
    console.log(error.stack);
  }
}
console.log(Error.prepareStackTrace(new Error('by hand'), ['here', null]));
console.log(Error.prepareStackTrace.name, String(Error.prepareStackTrace).length);
`;

const WAYS = [
  '--native-first=on',
  '--native-first=on --move-after=2 --move-to=native',
  '--native-first=on --move-after=2 --move-to=machine',
  '--native-first=off --hot-loop=2 --hot-entry=2 --compile-free=200',
  '--mode=interp',
];

describe('stacks under the drop-in form', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
  });
  after(() => scratch.remove());

  /** What the program prints; hashes of modules, which change, are left out. */
  const run = (args: readonly string[], options = '') => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...args, scratch.file('program.mjs', PROGRAM)], {
      encoding: 'utf8',
      env: { ...process.env, WYNAMO_OPTIONS: options },
    });
    expect(status, stderr).to.equal(0);
    return stdout.replaceAll(/(wasm:\/\/wasm\/(?:guest-)?)[0-9a-f]{8}/g, '$1#');
  };

  for (const way of WAYS) {
    it(`are the guest's own with ${way}`, () => {
      const expected = run([]);
      expect(expected)
        .to.match(/inner \(wasm:.*\n.*divide \(wasm:/)
        .and.match(/from the host\n.*\n.*calls \(wasm:/);
      expect(run(['--import', REGISTER], way)).to.equal(expected);
    });
  }
});
