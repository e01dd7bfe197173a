/**
 * Says which objects a guest has dropped and the host's collector still finds, in one mode; started with --expose-gc.
 * Prints a JSON object: by case, how many of its objects are left.
 */
import { instantiateSync } from '../../src/index.ts';
import { MODES, type ModeName } from '../modes/modes.ts';
import { watAll } from '../proposals/text.ts';

const mode = process.argv[2] as ModeName;
const gc = (globalThis as { gc?: () => void }).gc as () => void;

const bytes = watAll(`(module
  (type $cell (struct (field externref) (field (mut anyref))))
  (import "m" "give" (func $give (param i32) (result externref)))
  (import "m" "look" (func $look))
  (tag $t (param externref))
  (global $g (mut anyref) (ref.null any))
  (func $deep (param $x anyref) (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (i32.const 1) (call $deep (struct.new $cell (ref.null extern) (local.get $x)) (i32.sub (local.get $n) (i32.const 1)))))
      (else (i32.const 0))))
  (func $wrap (param $i i32) (result (ref $cell))
    (struct.new $cell (call $give (local.get $i)) (ref.null any)))
  (func $idle (param $n i32)
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "loop") (param $n i32) (result i32) (local $x (ref null $cell)) (local $s i32)
    (loop $l
      (local.set $x (call $wrap (local.get $n)))
      (local.set $s (i32.add (local.get $s) (ref.is_null (struct.get $cell 1 (local.get $x)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "recursion") (param $n i32) (result i32)
    (call $deep (call $wrap (i32.const 0)) (local.get $n)))
  (func (export "global") (result i32)
    (global.set $g (call $wrap (i32.const 1)))
    (global.set $g (ref.null any))
    (i32.const 1))
  (func (export "throw") (param $n i32) (local $x (ref null $cell))
    (loop $l
      (local.set $x (call $wrap (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (throw $t (struct.get $cell 0 (local.get $x))))
  (func (export "running") (param $n i32)
    (drop (call $deep (call $wrap (i32.const 0)) (i32.const 50)))
    (loop $l
      (call $idle (i32.const 5000))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $look))
)`);

let pool: object[] = [];
let refs: WeakRef<object>[] = [];
let given = 0;
let seenInside = 0;
/** Objects that the guest has got and that can still be reached. */
const alive = () => refs.filter((r) => r.deref() !== undefined).length - pool.length;
const imports = {
  m: {
    give() {
      const object = pool.pop() ?? {};
      given++;
      return object;
    },
    look() {
      gc();
      seenInside = alive();
    },
  },
};
const options = MODES[mode];
const instance =
  options === null
    ? new WebAssembly.Instance(new WebAssembly.Module(bytes), imports)
    : instantiateSync(bytes, imports, options).instance;
const f = instance.exports as Record<string, (...args: number[]) => unknown>;

/** Objects that are left when the call is over. They are made a turn before: so long a new WeakRef keeps its target. */
async function left(call: () => unknown): Promise<number> {
  pool = Array.from({ length: 600 }, () => ({ big: new Array(100).fill(0) }));
  refs = pool.map((object) => new WeakRef(object));
  await new Promise((resolve) => setTimeout(resolve, 1));
  try {
    call();
  } catch (error) {
    if (!(error instanceof WebAssembly.Exception)) throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
  gc();
  return alive();
}

const found = {
  loop: await left(() => f.loop?.(500)),
  recursion: await left(() => f.recursion?.(100)),
  global: await left(() => f.global?.()),
  throw: await left(() => f.throw?.(50)),
  running: await left(() => f.running?.(Number(process.argv[3]))),
  /** Seen by the host while the guest was still running: what it had dropped long ago. */
  inside: seenInside,
  given,
};
console.log(JSON.stringify(found));
