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

/** The machine's bounds on inlining, as a variation of a configuration. */
const WIDE = '--wasm-inlining-budget=100000+--wasm-inlining-factor=50';

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
    why: 'it sorts: default Node inlines the comparison behind call_indirect, because it has seen which one it is, and TurboFan only does not. Code that activations move to has not seen it either; functions that call so in a loop stay in the guest now, but not those around them',
    see: 'npm run bench -- --suite=guests,OSTRICH --only=c-qsort.O2,*/spmv --measure=first --config=default,turbofan,trace --reps=5',
  },
  {
    limits: ['whole'],
    programs: ['quickjs.app'],
    why: 'of a process of 0.6 s, looking through 0.5 MB of code and writing it anew takes 45 ms, and with probes its interpreting function waits longer for the optimizing compiler; warm it is as fast as the host at its best. Seven processes: 0.79 (results/whole.md), without moves as slow',
    see: 'npm run bench -- --only=quickjs.app --measure=first --config=default,turbofan,trace,trace+nativeFirst=on+moveAfter=100000000 --reps=7',
  },
  {
    limits: ['whole'],
    programs: ['chase.O3', 'strings.O0', 'trees.O0'],
    why: 'what activations move to is compiled by TurboFan at once, as under TurboFan only, which is as slow or slower. Seven processes, TurboFan only in brackets: trees.O0 0.92 (0.77), strings.O0 0.89 (0.81), chase.O3 0.98 (1.02): results/whole.md',
    see: 'npm run bench -- --only=chase.O3,strings.O0,trees.O0 --measure=first --config=default,turbofan,trace --reps=7',
  },
  {
    limits: ['steady'],
    programs: [
      'sieve.O3',
      'lz.O3',
      'polybench/atax',
      'polybench/gemm',
      'libsodium/auth3',
      'libsodium/auth6',
      'libsodium/hash3',
    ],
    why: 'probes around loops: with them, and without any move, it is as slow (0.88 to 0.96 of TurboFan only), and default Node with the wider bounds on inlining is not (0.98 to 1.00)',
    see: `npm run bench -- --suite=guests,POLYBENCH,LIBSODIUM --only=sieve.O3,lz.O3,*/atax,*/gemm,*/auth3,*/auth6,*/hash3 --measure=steady --config=turbofan,default+${WIDE},trace,trace+nativeFirst=on+moveAfter=100000000 --reps=3`,
  },
  {
    limits: ['steady'],
    programs: ['c-words.O2', 'polybench/3mm', 'polybench/ludcmp', 'ostrich/nw', 'libsodium/secretbox_easy'],
    why: 'processes differ by more than the iterations of one, which is all that the interval knows: the intervals of five others reach 0.98 and more (results/again.md)',
    see: 'npm run bench -- --suite=guests,POLYBENCH,LIBSODIUM --only=c-words.O2,*/3mm,*/ludcmp,*/secretbox_easy --measure=steady --config=turbofan,default,host,trace --reps=5',
  },
  {
    limits: ['steady'],
    programs: ['indirect.*', 'hashtable.O3'],
    why: 'code that activations move to has not seen whom calls reach, nor how often; TurboFan only has not either (0.70 and 0.97 of the host at its best), and without moves it is as fast (0.98 to 1.01 of default Node with the wider bounds on inlining for indirect.O0)',
    see: `npm run bench -- --only=indirect.*,hashtable.O3 --measure=steady --config=turbofan,default+${WIDE},trace,trace+nativeFirst=on+moveAfter=100000000 --reps=3`,
  },
  {
    limits: ['whole'],
    programs: ['lz.O0'],
    why: 'processes differ by more than that: three others reach 0.94 to 0.99',
    see: 'npm run bench -- --only=lz.O0 --measure=first --config=default,trace --reps=3',
  },
  {
    limits: ['steady'],
    programs: ['libsodium/generichash3', 'libsodium/stream3', 'libsodium/aead_chacha20poly13052'],
    why: 'the wider bounds on inlining: default Node loses as much by them',
    see: `npm run bench -- --suite=LIBSODIUM --only=*/generichash3,*/stream3,*/aead_chacha20poly13052 --measure=steady --config=turbofan,default,default+${WIDE},trace`,
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
    why: 'calls of 20 us to 1.5 ms, between which the moments of other work of the machine show; processes differ, five others of onetimeauth2 reach 0.88 to 1.07 (results/again.md)',
    see: 'npm run bench -- --suite=LIBSODIUM --only=*/keygen,*/onetimeauth2,*/stream4 --measure=steady --config=turbofan,default,host,trace --reps=5',
  },
  {
    limits: ['counted'],
    programs: ['sieve.*'],
    why: 'a trip stores one byte in five instructions; the trip counter of the strip, which counts and bounds the loop between two polls, takes three more: 34 instructions in four trips, 22 in native code',
    see: 'npm run wynamo -- dump --stage=asm --native-first=off --invoke=run benchmarks/guests/wasm/sieve.O3.wasm -- 2000',
  },
  {
    limits: ['counted'],
    programs: ['nbody.O0'],
    why: 'processes differ, as the clock decides what is compiled when: six others reach 0.96 to 1.00, two more take 1.7 times as long',
    see: 'npm run bench -- --only=nbody.O0 --measure=steady --config=turbofan,counted,counted+deterministic=true --reps=4',
  },
  {
    limits: ['compile', 'compile-counted'],
    programs: ['lu.*', 'jacobi.O0', 'bytecode.O0', 'editdistance.O3', 'c-matmul.O0', 'c-md5.O0', 'c-lcs.*'],
    why: 'default Node takes 1.4 to 9.4 times as long, by which the program counts as long; 27 to 138 ms of what is left (40 to 182 ms with everything counted) are recording, optimizing and compiling, most of them while the host has yet to compile the optimizer',
    see: 'npm run bench -- --only=lu.*,jacobi.O0,bytecode.O0,c-matmul.O0,c-md5.O0,c-lcs.* --measure=first --config=default,trace,counted',
  },
];
