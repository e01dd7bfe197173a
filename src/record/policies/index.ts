/** Catalogue of trace selection policies: one file and one line each. The first is the default. */
import { UserError, unknownName } from '../../errors.ts';
import type { Params, SelectionPolicy } from '../policy.ts';
import { combinedLei } from './combined-lei.ts';
import { combinedNet } from './combined-net.ts';
import { lastPath } from './last-path.ts';
import { lei } from './lei.ts';
import { mixed } from './mixed.ts';
import { mret2 } from './mret2.ts';
import { net } from './net.ts';
import { none } from './none.ts';
import { retrace } from './retrace.ts';
import { traceTrees } from './trace-trees.ts';
import { wholeFunction } from './whole-function.ts';

export const POLICIES: readonly SelectionPolicy[] = [
  mixed,
  net,
  mret2,
  lei,
  combinedNet,
  combinedLei,
  lastPath,
  retrace,
  traceTrees,
  wholeFunction,
  none,
];

/** The policy of an option's text, `NAME` or `NAME:parameter=number:...`, with all its parameters. */
export function policyOf(text: string): { policy: SelectionPolicy; params: Params } {
  const [name = '', ...given] = text.split(':');
  const policy = POLICIES.find((p) => p.name === name);
  const names = POLICIES.map((p) => p.name);
  if (!policy) throw new UserError(unknownName('selection policy', name, names));
  const known = policy.params ?? {};
  const params: Record<string, number> = {};
  for (const [key, row] of Object.entries(known)) params[key] = row.default;
  for (const item of given) {
    const [key = '', value = ''] = item.split('=');
    if (!(key in known)) {
      const all = Object.keys(known);
      throw new UserError(
        all.length === 0
          ? `the policy ${name} has no parameters, so '${item}' has no meaning`
          : `policy ${name}: ${unknownName('parameter', key, all)}`,
      );
    }
    if (!/^\d+$/.test(value)) throw new UserError(`policy ${name}: ${key} takes a whole number, not '${value}'`);
    params[key] = Number(value);
  }
  return { policy, params };
}
