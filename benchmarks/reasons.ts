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

export const REASONS: readonly Reason[] = [];
