/**
 * Limits in a program under the drop-in form: each ends the guest with an error that the program sees, also where the guest
 * stays in one fragment for ever, and the figures and the report are written nevertheless.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Stats } from '../../src/index.ts';
import { Scratch } from '../cli/harness.ts';
import { watAll } from '../proposals/text.ts';

const REGISTER = new URL('../../src/register/index.ts', import.meta.url).href;

/** `spin` has an inner loop that does not end; `grow` asks for memory, `deep` for stack, both for ever. */
const BYTES = watAll(`(module
  (memory (export "memory") 1)
  (func $spin (export "spin") (param i32) (result i32)
    (loop $outer
      (loop $inner
        (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (i32.store (i32.and (local.get 0) (i32.const 1023)) (local.get 0))
        (br_if $inner (i32.ne (local.get 0) (i32.const -1))))
      (br $outer))
    (unreachable))
  (func $grow (export "grow") (param i32) (result i32)
    (loop $l (drop (memory.grow (i32.const 1))) (br $l))
    (unreachable))
  (func $deep (export "deep") (param i32) (result i32)
    (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1))))))`);

const PROGRAM = `
const { instance } = await WebAssembly.instantiate(Uint8Array.from(${JSON.stringify([...BYTES])}));
try {
  instance.exports[process.argv[2]](0);
} catch (error) {
  console.log(error.name + ': ' + error.message);
}
`;

/** Options, the export that they end, what the program sees, and the function where the guest was. */
const LIMITS: readonly (readonly [options: string, func: string, error: string])[] = [
  ['--fuel=1000000', 'spin', 'FuelError: the guest was stopped after 1000000 instructions, the fuel that it was given'],
  ['--timeout=500', 'spin', 'TimeoutError: the guest was stopped after 500 ms, the time that it was given'],
  [
    '--max-memory=1M',
    'grow',
    'MemoryLimitError: the guest was stopped when it asked for 1114112 bytes of memory, more than the 1048576 that it may have',
  ],
  ['--stack=64k', 'deep', 'RangeError: Maximum call stack size exceeded'],
];

describe('limits under the drop-in form', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
  });
  after(() => scratch.remove());

  for (const [options, func, error] of LIMITS) {
    it(`${options} ends a guest, and the figures and the report tell`, () => {
      const file = scratch.file('program.mjs', PROGRAM);
      const [stats, report] = [join(scratch.path, `${func}.json`), join(scratch.path, `${func}.html`)];
      const { WYNAMO_ROOT_PID: _, ...env } = process.env;
      const run = (more: Record<string, string>) =>
        spawnSync(process.execPath, ['--import', REGISTER, file, func], {
          env: { ...env, WYNAMO_OPTIONS: options, ...more },
          encoding: 'utf8',
          timeout: 50_000,
          killSignal: 'SIGKILL',
        });
      // With figures wanted, and in the default form, where the limit alone keeps the guest from running natively.
      expect(run({}), 'without figures').to.include({ stdout: `${error}\n`, stderr: '', status: 0 });
      const asked = run({ WYNAMO_STATS: stats, WYNAMO_REPORT: report });
      expect(asked).to.include({ stdout: `${error}\n`, stderr: '', status: 0 });
      const [figures] = (JSON.parse(readFileSync(stats, 'utf8')) as { runs: Stats[] }).runs;
      expect(figures!.instructions.total).to.be.greaterThan(0);
      expect(figures!.functions.find((f) => f.name === func)?.instructions).to.be.greaterThan(0);
      if (func === 'spin') expect(figures!.instructions.coverage).to.be.greaterThan(0.5);
      expect(readFileSync(report, 'utf8')).to.contain(func).and.contain('</html>');
    });
  }

  it('a guest that is entered again when its stack is nearly full gets a stack overflow, or the right result', () => {
    const bytes = watAll(`(module
      (import "host" "again" (func $again (param i32) (result i32)))
      (func $down (export "down") (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0))
          (then (call $again (i32.const 30)))
          (else (i32.add (local.get 0) (call $down (i32.sub (local.get 0) (i32.const 1)))))))
      (func $leaf (export "leaf") (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0))
          (then (i32.const 0))
          (else (i32.add (i32.const 1) (call $leaf (i32.sub (local.get 0) (i32.const 1))))))))`);
    const file = scratch.file(
      'again.mjs',
      `const host = { again: (n) => instance.exports.leaf(n) };
      const { instance } = await WebAssembly.instantiate(Uint8Array.from(${JSON.stringify([...bytes])}), { host });
      let full = 0;
      for (let n = 1; n < 4000; n++) {
        try {
          const sum = instance.exports.down(n);
          if (sum !== (n * (n + 1)) / 2 + 30) console.log(n, sum);
        } catch (error) {
          if (error instanceof RangeError) full++;
          else console.log(n, String(error));
        }
      }
      console.log(full > 0);`,
    );
    const { WYNAMO_ROOT_PID: _, ...env } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', REGISTER, file], {
      env: { ...env, WYNAMO_OPTIONS: '--native-first=off --stack=64k --mode=interp' },
      encoding: 'utf8',
      timeout: 50_000,
    });
    expect({ stdout, stderr }).to.deep.equal({ stdout: 'true\n', stderr: '' });
  });
});
