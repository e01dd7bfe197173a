/** Catalogue of trace selection policies: one file and one line each. The first is the default. */
import { readPolicy } from '../../policy-text.ts';
import type { SelectionPolicy } from '../policy.ts';
import { combinedLei } from './combined-lei.ts';
import { combinedNet } from './combined-net.ts';
import { lastPath } from './last-path.ts';
import { lei } from './lei.ts';
import { mixed } from './mixed.ts';
import { mret2 } from './mret2.ts';
import { net } from './net.ts';
import { none } from './none.ts';
import { oracle } from './oracle.ts';
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
  oracle,
  none,
];

/** The policy of an option's text, `NAME` or `NAME:parameter=number:...`, with all its parameters. */
export const policyOf = (text: string) => readPolicy(POLICIES, 'selection policy', text);
