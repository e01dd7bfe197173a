/** A run of a guest under monitors, for commands. */
import { UserError } from '../errors.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { type MonitoredRun, type MonitorOptions, openMonitored } from '../monitor/open.ts';
import type { Parsed } from './flag.ts';
import { type GuestRun, runGuest } from './guest.ts';
import { print } from './output.ts';

export async function runMonitored(
  parsed: Parsed,
  monitors: readonly Monitor[],
  options: MonitorOptions,
): Promise<{ run: MonitoredRun; guest: GuestRun; status: number }> {
  let run: MonitoredRun | undefined;
  const guest = await runGuest(parsed, 2, (bytes, imports) => {
    run = openMonitored(bytes, imports, monitors, options);
    return run;
  });
  if (guest.outcome.message) print(`wynamo: ${guest.outcome.message}\n`, 2);
  if (!run) throw new UserError(`${guest.path} ended before it was instantiated, so there is nothing to tell`);
  run.dispose();
  return { run, guest, status: guest.outcome.status };
}
