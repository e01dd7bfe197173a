/** Why programs fall short of a limit of `shortfalls.ts`, and a command that shows it. */

export type LimitName = 'steady' | 'whole' | 'counted' | 'compile' | 'compile-counted';

export interface Reason {
  readonly limits: readonly LimitName[];
  /** Ids of programs, or patterns of them. */
  readonly programs: readonly string[];
  readonly why: string;
  /** Arguments are behind `npm run --silent`; names in capitals stand for folders. */
  readonly see: string;
}

export const REASONS: readonly Reason[] = [
  {
    limits: ['steady', 'whole'],
    programs: ['primes64.*'],
    why: 'with the wider bounds V8 inlines the modular product into loops that have too few registers then; plain Node loses as much by them',
    see: 'npm run bench -- --only=primes64.* --measure=steady --config=turbofan,default,default+--wasm-inlining-budget=100000+--wasm-inlining-factor=50',
  },
  {
    limits: ['steady'],
    programs: ['chase.O0'],
    why: 'the moved loop is the same code unrolled four times, which V8 does not do to the larger function; faster on one processor, slower on another',
    see: 'npm run bench -- --only=chase.O0 --measure=steady --config=turbofan,trace',
  },
  {
    limits: ['counted'],
    programs: ['c-md5.O2', 'sha256.*'],
    why: 'exits and counters keep more values alive than there are registers: 49 accesses to the stack in the inner loop, 5 in native code',
    see: 'npm run wynamo -- dump --stage=asm --invoke=run benchmarks/guests/wasm/c-md5.O2.wasm -- 200',
  },
];
