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
  {
    limits: ['steady'],
    programs: ['fft.O0', 'hash.app', 'triad.O0'],
    why: 'the code is the guest’s own, as the host optimizes it after it has seen calls: plain default Node is no faster, TurboFan without what calls have shown is',
    see: 'npm run bench -- --only=fft.O0,hash.app,triad.O0 --measure=steady --config=turbofan,default,trace',
  },
  {
    limits: ['whole'],
    programs: ['c-qsort.O2', 'ostrich/spmv'],
    why: 'it sorts: default Node inlines the comparison behind call_indirect, because it has seen which one it is, and TurboFan only does not. Code that activations move to has not seen it either; functions that call so in a loop stay in the guest now (results/again.md), but not those around them',
    see: 'npm run bench -- --suite=guests,OSTRICH --only=c-qsort.O2,*/spmv --measure=first --config=default,turbofan,trace --reps=5',
  },
  {
    limits: ['whole'],
    programs: ['quickjs.app'],
    why: 'a process of 0.7 s ends before the rest of its large interpreting function, compiled again, has paid; warm it is as fast as the host at its best',
    see: 'npm run bench -- --only=quickjs.app --config=default,turbofan,trace',
  },
  {
    limits: ['whole'],
    programs: ['chase.O3'],
    why: 'what activations move to is compiled by TurboFan at once, as under TurboFan only, which is as slow (0.85 of default Node)',
    see: 'npm run bench -- --only=chase.O3 --measure=first --config=default,turbofan,trace --reps=3',
  },
  {
    limits: ['steady'],
    programs: ['sieve.O3', 'c-words.O2', 'polybench/3mm', 'ostrich/nw'],
    why: 'processes differ by more than the iterations of one, which is all that the interval knows: others reach 0.98 to 1.02',
    see: 'npm run bench -- --only=sieve.O3,c-words.O2 --measure=steady --config=turbofan,trace --reps=3',
  },
  {
    limits: ['whole'],
    programs: ['lz.O0'],
    why: 'processes differ by more than that: three others reach 0.94 to 0.99',
    see: 'npm run bench -- --only=lz.O0 --measure=first --config=default,trace --reps=3',
  },
  {
    limits: ['steady'],
    programs: ['libsodium/generichash3', 'libsodium/stream3'],
    why: 'the wider bounds on inlining: default Node loses as much by them',
    see: 'npm run bench -- --suite=LIBSODIUM --only=*/generichash3,*/stream3 --measure=steady --config=turbofan,default,default+--wasm-inlining-budget=100000+--wasm-inlining-factor=50,trace',
  },
  {
    limits: ['steady'],
    programs: ['libsodium/kdf'],
    why: 'activations of a loop that keeps its variables in memory are tried in a machine, now and then again, where that does not pay: with moves to the host’s code alone it is 1.03',
    see: 'npm run bench -- --suite=LIBSODIUM --only=*/kdf --measure=steady --config=turbofan,trace,trace+nativeFirst=on+moveTo=native',
  },
  {
    limits: ['steady'],
    programs: ['libsodium/keygen', 'libsodium/onetimeauth2', 'libsodium/stream4'],
    why: 'calls of 20 us to 1.5 ms, between which the instrument asked the machine for its statistics, and these push the guest out of the caches; it does so no more, and none is below the limit (results/again.md)',
    see: 'npm run bench -- --suite=LIBSODIUM --only=*/keygen,*/onetimeauth2,*/stream4 --measure=steady --config=turbofan,default,host,trace --reps=5',
  },
  {
    limits: ['steady'],
    programs: ['base64.O0'],
    why: 'one process on one processor: five on another are as fast as the host at its best (results/again.md)',
    see: 'npm run bench -- --only=base64.O0 --measure=steady --config=turbofan,default,host,trace --reps=5',
  },
  {
    limits: ['counted'],
    programs: ['nbody.O0'],
    why: 'processes differ, as the clock decides what is compiled when: six others reach 0.96 to 1.00, two more take 1.7 times as long',
    see: 'npm run bench -- --only=nbody.O0 --measure=steady --config=turbofan,counted,counted+deterministic=true --reps=4',
  },
  {
    limits: ['compile', 'compile-counted'],
    programs: ['lu.*', 'jacobi.O0', 'c-matmul.O0', 'c-md5.O0', 'c-lcs.O0'],
    why: 'default Node takes 1.5 to 6.6 times as long, by which the program counts as long; 47 to 158 ms of what is left are recording, optimizing and compiling',
    see: 'npm run bench -- --only=lu.*,jacobi.O0,c-matmul.O0,c-md5.O0,c-lcs.O0 --measure=first --config=default,trace,counted',
  },
  {
    limits: ['compile-counted'],
    programs: ['bytecode.O0', 'editdistance.O3', 'c-lcs.O2'],
    why: 'default Node takes 1.2 to 1.9 times as long, by which the program counts as long; 64 to 110 ms, most of them while the host has yet to compile the optimizer, are over 3 % of what is left',
    see: 'npm run wynamo -- run --native-first=off --stats=stats.json --invoke=run benchmarks/guests/wasm/c-lcs.O2.wasm -- 4000',
  },
];
