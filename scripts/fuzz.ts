/**
 * Runs random modules natively and in configurations of the machine until the time is over, and shows what differs.
 *
 *     node bin/node.mjs scripts/fuzz.ts --seconds=60 --seed=1
 *     node bin/node.mjs scripts/fuzz.ts --only=1234 --out=/tmp     # one seed; writes the smallest failing module
 *
 * Exit status 0 when nothing differs, 1 when something does, 2 for a mistake in the command.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Options } from '../src/index.ts';
import { disassembleModule } from '../src/wasm/disasm.ts';
import { configurations } from '../test/fuzz/differ.ts';
import { SIZES } from '../test/fuzz/plan.ts';
import { type Answer, type Failure, Remote } from '../test/fuzz/remote.ts';
import { type Failing, failing, shrink } from '../test/fuzz/shrink.ts';
import { noDecisions } from '../test/fuzz/source.ts';

const HELP = `usage: node bin/node.mjs scripts/fuzz.ts [--seconds=N] [--seed=S] [--only=S] [--size=SIZE] [--shrink=N] [--out=DIR]

  --seconds=N   time for the run (default 60)
  --seed=S      first seed (default 1); the others follow
  --only=S      this one seed
  --size=SIZE   ${Object.keys(SIZES).join(', ')} (default normal)
  --shrink=N    seconds for making each failing module smaller (default 60; 0: not at all)
  --out=DIR     folder for the smallest failing modules, as seed-S.wasm and seed-S.wat
`;

function mistake(sentence: string): never {
  console.error(`fuzz: ${sentence}`);
  process.exit(2);
}

function parse() {
  return parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      size: { type: 'string', default: 'normal' },
      shrink: { type: 'string', default: '60' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function readArguments(): ReturnType<typeof parse> {
  try {
    return parse();
  } catch (error) {
    return mistake((error as Error).message);
  }
}

function whole(flag: string, text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 0) mistake(`--${flag} takes a whole number, not '${text}'`);
  return n;
}

const values = readArguments();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (!Object.hasOwn(SIZES, values.size))
  mistake(`there is no size '${values.size}'; there are ${Object.keys(SIZES).join(', ')}`);
const size = values.size as keyof typeof SIZES;
const seconds = whole('seconds', values.seconds);
const shrinkSeconds = whole('shrink', values.shrink);
const first = whole('seed', values.only ?? values.seed);
const limit = values.only === undefined ? Number.POSITIVE_INFINITY : 1;
/** Seconds for one module in all its configurations. */
const TRIAL_SECONDS = 60;
const remote = new Remote(TRIAL_SECONDS);

async function report(seed: number, answer: Answer | Failure): Promise<void> {
  if ('failure' in answer) console.log(`seed ${seed}: ${answer.failure}`);
  else {
    for (const { options, what, host, machine } of answer.differences) {
      console.log(`seed ${seed} with ${JSON.stringify(options)}`);
      console.log(`  ${what}: host ${host.slice(0, 300)}; machine ${machine.slice(0, 800)}`);
    }
  }
  // Which configuration it was is not known where the process died: the first that is tried and fails is taken.
  const options =
    'failure' in answer ? configurations(seed) : answer.differences.slice(0, 1).map((difference) => difference.options);
  for (const o of options) {
    const again = await remote.trial({ from: seed, size, options: [o] });
    const found = failing(again, noDecisions());
    if (!found || 'failure' in again || shrinkSeconds === 0) continue;
    const { best, tried } = await shrink(found, { size, options: o }, remote, shrinkSeconds);
    write(seed, o, best, tried);
    return;
  }
}

function write(seed: number, options: Partial<Options>, best: Failing, tried: number): void {
  const bytes = Uint8Array.from(best.bytes);
  const comment = [
    `seed ${seed}, ${bytes.length} bytes after ${tried} attempts, options ${JSON.stringify(options)}`,
    `calls: ${best.calls.join('; ')}`,
    best.what,
  ];
  const lines = comment.map((line) => `;; ${line.replaceAll('\n', '\n;;   ')}`);
  const wat = `${lines.join('\n')}\n${disassembleModule(bytes)}`;
  console.log(wat);
  if (values.out === undefined) return;
  writeFileSync(join(values.out, `seed-${seed}.wasm`), bytes);
  writeFileSync(join(values.out, `seed-${seed}.wat`), wat);
}

const end = performance.now() + seconds * 1000;
let modules = 0;
let failed = 0;
let fragments = 0;
let instructions = 0;
for (let seed = first; modules < limit && (modules === 0 || performance.now() < end); seed++) {
  const answer = await remote.trial({ from: seed, size });
  modules++;
  if (!('failure' in answer)) {
    fragments += answer.fragments;
    instructions += answer.inFragments;
    if (answer.differences.length === 0) continue;
  }
  failed++;
  await report(seed, answer);
}
remote.stop();
console.log(
  `${modules} modules from seed ${first}, ${failed} with differences; ` +
    `${fragments} fragments, ${instructions} guest instructions in them`,
);
process.exitCode = failed === 0 ? 0 : 1;
