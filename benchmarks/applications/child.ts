/**
 * `node child.ts NAME`: one application in this process, with or without Wynamo; the last line of the output is JSON.
 * The result is given as it is, so that a difference can be shown.
 */
import { peakMemory } from '../../src/lab/peak.ts';
import type { Application } from './application.ts';
import { APPLICATIONS } from './catalogue.ts';

export interface Sample {
  /** Milliseconds from the first line of the application to where it can take work, and for its whole test. */
  start: number;
  whole: number;
  output: string;
  /** Most bytes that the process had in memory. */
  memory: number;
}

const { open } = APPLICATIONS[process.argv[2] as string] as Application;
const begin = performance.now();
const work = await open();
const start = performance.now() - begin;
const output = await work();
const whole = performance.now() - begin;
const memory = peakMemory();
process.stdout.write(`\n${JSON.stringify({ start, whole, output, memory } satisfies Sample)}\n`, () => process.exit());
