/** Runs the command line in a process of its own, and makes guests from text for it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const WYNAMO = join(ROOT, 'bin/wynamo.mjs');

export interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** `wynamo ...args` under the running Node; `input` is its standard input. */
export function wynamo(args: readonly string[], input = '', cwd = ROOT): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [WYNAMO, ...args], {
    input,
    cwd,
    encoding: 'utf8',
    // A guest that does not stop is a failed test and not a test run that hangs.
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

/** A folder that is removed by `remove()`. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'wynamo-'));

  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
