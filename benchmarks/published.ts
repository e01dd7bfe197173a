/**
 * What monitors cost in other tools, by the monitor here that asks for the same. Other programs, machines and engines: for
 * orientation only.
 */

/**
 * Wizard's single-pass compiler with its own monitor of that kind over the same compiler without, on ten programs of
 * PolyBench, Ostrich and libsodium, on another machine.
 */
export const WIZARD: Readonly<Record<string, string>> = {
  loops: '1.02 (heads only)',
  calls: '1.02',
  counts: '1.55 (instructions)',
  branches: '1.98',
  hotness: '3.45',
  memory: '19.0',
};

/**
 * Wasabi's instrumentation with hooks that do nothing over the same program without, in Firefox 63: the geometric mean over
 * PolyBench's thirty programs, as the runtime evaluation of the paper (Lehmann and Pradel, ASPLOS 2019) plots it by hook. The
 * figures are means of each program's runs in the authors' data, evaluation-asplos2019/results/runtime-analysis.csv of
 * https://github.com/danleh/wasabi (commit 8af394a); what each of its analyses needs is in 3_hooks_to_instrument_list beside
 * it. An analysis of one's own comes on top. A hook that PolyBench's kernels never reach costs nothing there, as `call`.
 */
export const WASABI: Readonly<Record<string, string>> = {
  counts: '99.9 (all hooks)',
  hotness: '99.9 (all hooks)',
  coverage: '99.9 (all hooks)',
  mix: '96.4 (all hooks but start, end)',
  memory: '11.5 (load, store)',
  branches: '6.7 (if, br_if, br_table, select)',
  loops: '4.4 (begin, of all blocks)',
  calls: '0.99 (call)',
};
