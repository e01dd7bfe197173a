/**
 * Counts of functions whose frames did not come to their end: what the host throws, and traps, leave them behind. The
 * sum over functions is what was executed, and all modes say the same.
 */
import { expect } from 'chai';
import type { Options } from '../../src/index.ts';
import { instantiateSync } from '../../src/index.ts';
import { watAll } from '../proposals/text.ts';

const NOPS = '(nop)'.repeat(5);

/** Each export calls inwards, through inlined calls, recursion and loops, up to what fails where its operand is 1. */
const guest = (fail: string) =>
  watAll(`(module (import "host" "call" (func $host (param i32))) (table 1 funcref)
    (func $inner (param $fail i32) ${fail} ${NOPS})
    (func $middle (param i32) (call $inner (local.get 0)) ${NOPS})
    (func $deep (param i32 i32)
      (if (local.get 1)
        (then (call $deep (local.get 0) (i32.sub (local.get 1) (i32.const 1))) ${NOPS})
        (else (call $inner (local.get 0)) (nop))) (nop))
    (func $many (param i32 i32)
      (loop $l
        (call $middle (i32.and (local.get 0) (i32.eq (local.get 1) (i32.const 3))))
        (br_if $l (local.tee 1 (i32.sub (local.get 1) (i32.const 1))))))
    (func (export "nested") (param i32) (call $middle (local.get 0)) ${NOPS})
    (func (export "recursive") (param i32) (call $deep (local.get 0) (i32.const 12)) ${NOPS})
    (func (export "looping") (param i32) (call $many (local.get 0) (i32.const 9)) ${NOPS}))`);

const TRACED: Partial<Options> = { hotEntry: 1, hotLoop: 1, hotExit: 1, compileFree: 100_000 };
const MODES: Readonly<Record<string, Partial<Options>>> = {
  interpreted: { mode: 'interp' },
  traced: TRACED,
  'without inlining': { ...TRACED, maxInline: 0 },
  'linear traces': { ...TRACED, maxRegion: 0 },
  'forced exits': { ...TRACED, forceExits: 'all' },
};

interface Counted {
  total: number;
  functions: { name: string | null; entries: number; instructions: number }[];
}

/** 600 calls of an export, of which each tenth fails, or only the last: of traps only the last one can be told. */
function count(bytes: Uint8Array<ArrayBuffer>, name: string, options: Partial<Options>, every: boolean): Counted {
  const host = {
    call(fail: number) {
      if (fail === 1) throw new Error('host');
    },
  };
  const { instance, machine } = instantiateSync(bytes, { host }, options);
  const run = instance.exports[name] as (fail: number) => void;
  for (let i = 0; i < 600; i++) {
    try {
      run(every ? Number(i % 10 === 9) : Number(i === 599));
    } catch {
      // What is left behind is looked at below.
    }
  }
  const { instructions, functions } = machine!.stats();
  return {
    total: instructions.total,
    functions: functions.map(({ name, entries, instructions }) => ({ name, entries, instructions })),
  };
}

describe('frames that do not come to their end', () => {
  const CASES = [
    ['what the host throws', '(call $host (local.get 0))', true],
    ['a trap of arithmetic', '(drop (i32.div_u (i32.const 1) (i32.eqz (local.get 0))))', false],
    ['a trap of a call', '(if (local.get 0) (then (call_indirect (i32.const 0))))', false],
    ['a trap of the guest', '(if (local.get 0) (then (unreachable)))', false],
  ] as const;
  for (const [what, fail, every] of CASES) {
    for (const name of ['nested', 'recursive', 'looping']) {
      it(`are counted up to where they were: ${what}, ${name}`, () => {
        const bytes = guest(fail);
        const runs = Object.entries(MODES).map(([mode, options]) => ({ mode, ...count(bytes, name, options, every) }));
        const [first] = runs;
        for (const { mode, total, functions } of runs) {
          expect(
            functions.reduce((sum, f) => sum + f.instructions, 0),
            mode,
          ).to.equal(total);
          expect(functions, mode).to.deep.equal(first!.functions);
        }
      });
    }
  }
});
