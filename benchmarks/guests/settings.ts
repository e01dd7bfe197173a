/** What the scripts that measure guests one by one are told: which guests, how often, how large, and where results go. */
import { chosen, oneOf, readArguments, wholeNumber } from '../../scripts/arguments.ts';
import { checkOutput } from '../../src/cli/output.ts';
import { GUESTS, type Guest, SIZES, type Size } from './catalogue.ts';

export interface GuestSettings {
  readonly reps: number;
  readonly size: Size;
  readonly rows: readonly Guest[];
  /** Path of the files written, without their endings; the table, `.md`, can be written. */
  readonly out: string;
  /** All as it was given. */
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Of `benchmarks/NAME.ts`; `doc` says what is done `reps` times. Throws a UserError for what is wrong. */
export function guestSettings(name: string, reps: { value: string; doc: string }, size: Size): GuestSettings {
  const { values } = readArguments(`node bin/node.mjs benchmarks/${name}.ts [options]`, {
    reps: { value: 'N', type: 'string', default: reps.value, doc: reps.doc },
    only: { value: 'NAMES', type: 'string', default: '', doc: 'guests by name, with commas between' },
    size: { value: 'SIZE', type: 'string', default: size, doc: 'small, medium or large' },
    out: {
      value: 'PATH',
      type: 'string',
      default: `benchmarks/results/${name}`,
      doc: 'the files written, without their endings',
    },
  });
  const settings = {
    reps: wholeNumber('reps', values.reps),
    size: oneOf('size', SIZES, values.size),
    rows: chosen(GUESTS, 'guest', values.only),
    out: values.out,
    flags: values,
  };
  checkOutput(`${values.out}.md`);
  return settings;
}
