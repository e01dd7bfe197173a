/**
 * The measured process, `node child.ts JOB [FLAG]...`: does one job, given as JSON, or where nothing is timed each of a
 * list of jobs, and prints a line for each. The flags are those that the `wynamo` command sets in a process that runs
 * already, and are set here as there.
 */
import { setFlagsFromString } from 'node:v8';

const [told = '{}', ...flags] = process.argv.slice(2);
if (flags.length > 0) {
  // The host keeps its own modules compiled for its default flags only: what loads behind a change is compiled anew.
  performance.now();
  process.getBuiltinModule('node:os');
  for (const flag of flags) setFlagsFromString(flag);
  process.execArgv.push(...flags);
}
void import('./perform.ts').then(({ answerAll }) => answerAll(JSON.parse(told)));
