/**
 * Runs one file of the suite; a process of its own, so that a crash or a hang costs one file and memory addresses start
 * anew. Started by `pool.ts` with a JSON job as argument; writes a line of JSON for each message on descriptor 3:
 * a number (the command about to run), a failure, or the end.
 */
import { writeSync } from 'node:fs';
import { unsupported } from '../../src/machine/unsupported.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { decodeBytes, readJson, type SpectestParts, type TestFile } from './format.ts';
import type { ChildJob, ChildMessage } from './pool.ts';
import { Session } from './session.ts';

const job = JSON.parse(process.argv[2] as string) as ChildJob;

function tell(message: ChildMessage): void {
  writeSync(3, `${JSON.stringify(message)}\n`);
}

const { commands } = readJson<TestFile>(job.dir, job.file);

/** The first reason why some module of the file would run natively. */
function uncoveredReason(): string | null {
  for (const { type, bytes } of commands) {
    if (bytes === undefined || type === 'assert_invalid' || type === 'assert_malformed') continue;
    const module = decodeBytes(bytes);
    if (!WebAssembly.validate(module)) continue;
    const reason = unsupported(decodeModule(module));
    if (reason !== null) return reason;
  }
  return null;
}

const reason = job.covered ? uncoveredReason() : null;
if (reason !== null) tell({ kind: 'uncovered', reason });
else {
  const session = new Session(job.mode, readJson<SpectestParts>(job.dir, 'spectest.json'));
  let skipped = 0;
  commands.forEach((command, index) => {
    tell(index);
    const outcome = session.run(command);
    if (outcome === 'skip') skipped++;
    else if (outcome !== null) tell({ kind: 'failure', line: command.line, why: `${command.type}: ${outcome}` });
  });
  const { total, native, reasons } = session.modules;
  tell({
    kind: 'end',
    skipped,
    modules: total,
    nativeModules: native,
    fragments: session.fragments(),
    reasons: Object.fromEntries(reasons),
  });
}
