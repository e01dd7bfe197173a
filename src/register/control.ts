/**
 * The drop-in form in a process that goes on: it can be switched on and off, its figures written and set back, by the
 * functions that `wynamo/register` exports and by signals.
 *
 *     import { attach, detach, dump, reset } from 'wynamo/register';
 *     await dump({ report: 'now.html' });
 *
 * For figures that only functions ask for, WYNAMO_OPTIONS=--native-first=off says so beforehand: else nothing is counted.
 *
 *     WYNAMO_SIGNALS=SIGUSR2=dump,SIGHUP=reset node --import wynamo/register server.js
 */
import { UserError, unknownName } from '../errors.ts';
import type { Guests } from './guests.ts';
import { type Files, writeFigures } from './write.ts';

/** What a signal can ask for. */
export const ACTIONS = {
  attach: 'guests that are made from now on run under the machine',
  detach: 'guests that are made from now on run natively; those that exist go on as they are',
  dump: 'writes the figures and the report now',
  reset: 'figures begin at zero; what is compiled stays',
} as const;
export type Action = keyof typeof ACTIONS;

/** Signals that programs may use for themselves. */
const SIGNALS = ['SIGUSR2', 'SIGHUP', 'SIGWINCH', 'SIGCONT', 'SIGINFO', 'SIGQUIT', 'SIGBREAK'];

/** Reads `SIGUSR2=dump,SIGHUP=reset`; throws a UserError for anything else. */
export function parseSignals(text: string): [signal: NodeJS.Signals, action: Action][] {
  return text
    .split(',')
    .filter(Boolean)
    .map((item) => {
      const [signal = '', action = ''] = item.split('=');
      if (!SIGNALS.includes(signal))
        throw new UserError(`WYNAMO_SIGNALS: ${unknownName('signal to use', signal, SIGNALS)}`);
      const actions = Object.keys(ACTIONS);
      if (!actions.includes(action)) throw new UserError(`WYNAMO_SIGNALS: ${unknownName('action', action, actions)}`);
      return [signal as NodeJS.Signals, action as Action];
    });
}

export interface Control {
  attach(): void;
  detach(): void;
  reset(): void;
  /**
   * Writes the figures as JSON, the report as HTML, or both, to the files that were set or those given. Resolves when they
   * are there; rejects with a UserError where they cannot be written or no file is named.
   */
  dump(files?: Partial<Files>): Promise<void>;
}

export function controlOf(guests: Guests): Control {
  const { stats, report } = guests.settings;
  return {
    attach() {
      guests.attached = true;
    },
    detach() {
      guests.attached = false;
    },
    reset: () => guests.reset(),
    async dump(files = { stats, report }) {
      if (!files.stats && !files.report)
        throw new UserError('dump writes nothing: set WYNAMO_STATS or WYNAMO_REPORT, or name a file');
      await writeFigures(guests, { stats: files.stats ?? '', report: files.report ?? '' });
    },
  };
}

/** Does what was asked for when a signal comes. */
export function listen(control: Control, signals: readonly [NodeJS.Signals, Action][]): void {
  for (const [signal, action] of signals) {
    process.on(signal, () => {
      Promise.resolve(control[action]()).catch((error: Error) => process.stderr.write(`wynamo: ${error.message}\n`));
    });
  }
}
