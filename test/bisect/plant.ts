/**
 * Loaded into runs of the command by NODE_OPTIONS, to plant a mistake into the optimizer that `wynamo bisect` has to find.
 * PLANT says which: `rule` (xor becomes or), `pass` (a shift keeps the sign), `crash` (a pass throws), or `slow`.
 */
import { dce } from '../../src/opt/passes/dce.ts';
import { phis } from '../../src/opt/passes/phis.ts';
import { CODE_RULES } from '../../src/opt/rules/code.ts';
import type { CodeRule } from '../../src/opt/rules/rule.ts';

/** Only the fragment with that number is spoilt. */
const FRAGMENT = Number(process.env.PLANT_FRAGMENT ?? 0);

/** Milliseconds that `slow` takes. */
const LOSS = 3_600_000;

const plants: Record<string, () => void> = {
  rule() {
    (CODE_RULES as CodeRule[]).push({
      id: 'planted',
      doc: '',
      ops: (op) => op === 'i32.xor',
      apply: (ins, make) => make.op('i32.or', 'i32', ins.args),
      examples: [],
    });
  },
  pass() {
    const { run } = dce;
    dce.run = (region, context) => {
      run(region, context);
      if (region.id !== FRAGMENT) return;
      for (const b of region.blocks) {
        for (const ins of b.body) if (ins.op === 'i32.shr_u') Object.assign(ins, { op: 'i32.shr_s' });
      }
    };
  },
  crash() {
    const { run } = phis;
    phis.run = (region, context) => {
      if (region.id === FRAGMENT) throw new Error('planted');
      run(region, context);
    };
  },
  slow() {
    const { run } = dce;
    dce.run = (region, context) => {
      run(region, context);
      if (region.id === FRAGMENT) lost += LOSS;
    };
    // The clock jumps ahead instead of anyone waiting: neither the search nor its result depends on the machine's speed.
    const now = performance.now.bind(performance);
    let lost = 0;
    performance.now = () => now() + lost;
  },
};

plants[process.env.PLANT ?? '']?.();
