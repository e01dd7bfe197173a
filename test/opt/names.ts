/** Names for tests that switch passes and rules at random. */
import { PASSES } from '../../src/opt/pipeline.ts';

/** Passes that leave what a guest computes as it is, to the last bit and in every trap. */
export const EXACT: readonly string[] = PASSES.map(({ name }) => name).filter(
  (name) => name !== 'host-traps' && name !== 'reassociate',
);

/** All rules, as `pass.rule`. */
export const RULES: readonly string[] = PASSES.flatMap(({ name, rules = [] }) =>
  rules.map((rule) => `${name}.${rule}`),
);
