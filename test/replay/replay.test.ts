/**
 * Host calls recorded and replayed: a guest that is given what was recorded does what it did, in every mode, and the
 * first thing that it does otherwise is named.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { GUESTS, wasmPath } from '../../benchmarks/guests/catalogue.ts';
import { makeImports } from '../../benchmarks/guests/imports.ts';
import { instantiateSync } from '../../src/index.ts';
import { HostRecorder } from '../../src/replay/record.ts';
import { HostReplay } from '../../src/replay/replay.ts';
import { parseWat } from '../../src/wasm/wat.ts';
import { Scratch, wynamo } from '../cli/harness.ts';
import { MODES } from '../modes/modes.ts';

type Func = (...args: unknown[]) => unknown;
const AGAIN = ['interp', 'eager', 'force'] as const;

/** Runs natively, recorded; `drive` is the host. */
function recorded(
  bytes: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports,
  drive: (exports: Record<string, Func>) => void,
): string {
  let text = '';
  const recorder = new HostRecorder(bytes, imports, (line) => {
    text += line;
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), recorder.imports);
  drive(recorder.attach(instance.exports) as Record<string, Func>);
  recorder.end();
  return text;
}

/** Replays in a mode; gives a digest of the memory. */
function replayed(bytes: Uint8Array<ArrayBuffer>, text: string, mode: (typeof AGAIN)[number]): string {
  const replay = new HostReplay(bytes, text, 'memory');
  const { instance, machine } = instantiateSync(bytes, replay.imports, MODES[mode]);
  replay.run(instance.exports);
  return machine.memoryDigest();
}

/** A guest whose host grows and writes its memory, sets a global, calls back, and throws. */
const BUSY = `(module
  (import "env" "fill" (func $fill (param i32) (result i32)))
  (import "env" "back" (func $back (param i64) (result f64)))
  (import "env" "fail" (func $fail (param i32)))
  (import "env" "shared" (memory $m 1 4))
  (global $g (export "g") (mut i32) (i32.const 1))
  (func (export "inner") (param $x i64) (result i64)
    (i64.store (i32.const 64) (local.get $x))
    (if (i64.eqz (i64.rem_s (local.get $x) (i64.const 7))) (then (unreachable)))
    (i64.mul (local.get $x) (i64.const 3)))
  (func (export "run") (param $n i32) (result f64) (local $sum f64)
    (loop $l
      (local.set $sum (f64.add (local.get $sum) (f64.convert_i32_s (call $fill (local.get $n)))))
      (local.set $sum (f64.add (local.get $sum) (call $back (i64.extend_i32_s (local.get $n)))))
      (local.set $sum (f64.add (local.get $sum) (f64.convert_i32_s (i32.load (i32.const 4096)))))
      (local.set $sum (f64.add (local.get $sum) (f64.convert_i32_s (global.get $g))))
      (local.set $sum (f64.add (local.get $sum) (f64.convert_i32_s (memory.size))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "fails") (param i32) (call $fail (local.get 0))))`;

describe('recorded host calls', () => {
  it('are the same for a guest that its host calls back', () => {
    const row = GUESTS.find((g) => g.name === 'callbacks')!;
    const bytes = Uint8Array.from(readFileSync(wasmPath(row, row.builds[0]!)));
    const host = makeImports(row);
    const text = recorded(bytes, host.imports, (exports) => {
      host.attach(exports);
      expect(String(exports.run!(row.sizes.small))).to.equal(row.expected.small);
    });
    expect(text).to.contain('["enter","inner"');
    for (const mode of AGAIN) replayed(bytes, text, mode);
  });

  it('hold what the host does to memory, globals and by exceptions', async () => {
    const bytes = await parseWat(BUSY, 'busy.wat');
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
    new Uint8Array(memory.buffer).fill(9, 30_000, 40_000);
    let count = 0;
    let inner: Func;
    let global: WebAssembly.Global;
    const env = {
      shared: memory,
      fill(n: number) {
        new Int32Array(memory.buffer)[1024] = n * 77;
        if (n === 5) memory.grow(1);
        global.value = Math.random() * 1000;
        return Math.random() * 1e9;
      },
      back(x: bigint) {
        new Uint8Array(memory.buffer)[9000] = ++count;
        try {
          return Number(inner(x)) / 7;
        } catch {
          return Number.NaN;
        }
      },
      fail(x: number) {
        if (x === 1) throw new TypeError('no');
        inner(14n);
      },
    };
    const text = recorded(bytes, { env }, (exports) => {
      ({ inner } = exports as { inner: Func });
      global = exports.g as never;
      exports.run!(6);
      new Uint8Array(memory.buffer)[3] = 200;
      exports.run!(60);
      expect(() => exports.fails!(1)).to.throw(TypeError);
      expect(() => exports.fails!(2)).to.throw(WebAssembly.RuntimeError);
    });
    expect(text).to.contain('["grow",0,1]').and.contain('{"again":true}');
    const digests = AGAIN.map((mode) => replayed(bytes, text, mode));
    expect(new Set(digests).size).to.equal(1);
    // A guest that does something else is told where.
    const other = text.replace('["left",{"error":["TypeError","no"]}]', '["left",{"value":[]}]');
    expect(() => replayed(bytes, other, 'interp')).to.throw(/^line \d+ of the recording: fails gives .*TypeError/);
    const call = text.replace('["call",0,[4]]', '["call",0,[3]]');
    expect(() => replayed(bytes, call, 'eager')).to.throw(/the guest calls env\.fill\(4\), but the recording has/);
  });

  describe('on the command line', () => {
    let scratch: Scratch;
    before(() => {
      scratch = new Scratch();
    });
    after(() => scratch.remove());
    const guest = (name: string) => fileURLToPath(new URL(`../cli/guests/${name}.wat`, import.meta.url));

    it('give a WASI program its arguments, files and standard input again', () => {
      const { path } = scratch;
      mkdirSync(`${path}/data`, { recursive: true });
      scratch.file('data/in.txt', 'from a file');
      const file = `${path}/show.calls`;
      const args = [`--dir=${path}/data:/`, '--env=A=1', guest('show'), 'one'];
      const first = wynamo(['run', '--mode=native', `--record=${file}`, ...args]);
      expect(first.stdout).to.contain('from a file');
      scratch.file('data/in.txt', 'changed');
      for (const mode of ['native', 'interp', 'trace'])
        expect(wynamo(['run', `--mode=${mode}`, `--replay=${file}`, guest('show')])).to.deep.equal(first);
      const input = 'a line\n'.repeat(3000);
      const cat = `${path}/cat.calls`;
      expect(wynamo(['run', `--record=${cat}`, guest('cat')], input).stdout).to.equal(input);
      expect(wynamo(['run', '--hot-loop=1', `--replay=${cat}`, guest('cat')]).stdout).to.equal(input);
      expect(wynamo(['run', `--replay=${cat}`, guest('show')])).to.deep.equal({
        status: 2,
        stdout: '',
        stderr: `wynamo: ${cat} was recorded with another module\n`,
      });
    });

    it('end with the status and the results of the recorded run', () => {
      const file = `${scratch.path}/exit.calls`;
      const args = [guest('exit'), '--', 'a', '-b', '--help'];
      expect(wynamo(['run', `--record=${file}`, ...args]).status).to.equal(4);
      expect(wynamo(['run', `--replay=${file}`, guest('exit')])).to.deep.equal({ status: 4, stdout: '', stderr: '' });
      const imports = `--imports=${scratch.file('throws.mjs', "export default { env: { throws() { throw new Error('no more'); } } };\n")}`;
      const swap = ['--invoke=swap', guest('traps'), '--', '-1', '0x7fffffffffffffff', '0.1', '-inf'];
      const first = wynamo(['run', `--record=${file}`, imports, ...swap]);
      expect(wynamo(['run', `--replay=${file}`, guest('traps')])).to.deep.equal(first);
    });

    it('tell when they were cut off', () => {
      const file = `${scratch.path}/whole.calls`;
      const twice = ['run', `--record=${file}`, '--invoke=swap', guest('traps'), '--', '1', '2', '0.1', '3'];
      const imports = `--imports=${scratch.file('none.mjs', 'export default { env: { throws() {} } };\n')}`;
      wynamo([...twice.slice(0, 2), imports, ...twice.slice(2)]);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(lines.at(-1)).to.equal('["end"]');
      // Only the header, and all but the last line.
      for (const left of [1, lines.length - 1]) {
        const cut = scratch.file('cut.calls', `${lines.slice(0, left).join('\n')}\n`);
        const { status, stderr } = wynamo(['run', `--replay=${cut}`, guest('traps')]);
        expect(stderr).to.equal(
          `wynamo: line ${left + 1} of the recording: the recording was cut off here: it has no end\n`,
        );
        expect(status).to.equal(65);
      }
    });

    it('name what is different', () => {
      const file = `${scratch.path}/other.calls`;
      wynamo(['run', `--record=${file}`, guest('exit'), '--', 'a']);
      const text = readFileSync(file, 'utf8').replace(/\["call",(\d+),\[2\]\]/, '["call",$1,[9]]');
      const changed = scratch.file('changed.calls', text);
      const result = wynamo(['run', `--replay=${changed}`, guest('exit')]);
      expect(result.stderr).to.match(
        /^wynamo: line \d+ of the recording: the guest calls wasi_unstable\.proc_exit\(2\)/,
      );
      expect(result.status).to.equal(65);
    });
  });
});
