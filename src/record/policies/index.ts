/** Catalogue of trace selection policies: one file and one line each. */
import type { SelectionPolicy } from '../policy.ts';
import { net } from './net.ts';

export const POLICIES: readonly SelectionPolicy[] = [net];
