/**
 * Each pass on the largest fragment of a guest, in the state that the passes before it leave. A pass changes its input, so
 * every call reads it anew: the first row is that alone, to be subtracted from the others.
 */
import { readFileSync } from 'node:fs';
import { instantiateSync } from '../../../src/index.ts';
import { parse } from '../../../src/ir/parse.ts';
import { print } from '../../../src/ir/print.ts';
import { verify } from '../../../src/ir/verify.ts';
import { PASSES, runPass } from '../../../src/opt/pipeline.ts';
import { guest, wasmPath } from '../../guests/catalogue.ts';

const row = guest('lu');
const { instance, machine } = instantiateSync(
  readFileSync(wasmPath(row, 'O3')),
  {},
  { keepCode: true, compileShare: 0 },
);
(instance.exports.run as (n: number) => number)(row.sizes.small);
const [fragment] = machine.stats().fragments.sort((a, b) => b.irBefore - a.irBefore);
const text = fragment!.code!.ir[0]!.text;
machine.dispose();

export const doc = `passes on a fragment of lu.O3 with ${fragment!.irBefore} instructions`;

// Reading is in every row: it must not get faster from one to the next.
for (let i = 0; i < 1000; i++) parse(text);
const lifted = parse(text);
const region = parse(text);
export const cases: Record<string, () => unknown> = {
  'read (subtract from the passes)': () => parse(text),
  verify: () => verify(lifted),
  print: () => print(lifted),
};
for (const pass of PASSES) {
  const input = print(region);
  cases[pass.name] = () => runPass(pass, parse(input));
  runPass(pass, region);
}
