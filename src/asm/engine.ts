/**
 * Machine code as the engine itself disassembles it. Another process compiles the modules with the optimizing compiler, one
 * after the other, and prints their code; nothing of them runs, and the measured process knows nothing of it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { type MachineFunction, parseListing } from './listing.ts';

/** Names of the flags are V8's. Without background tasks, listings do not run into each other. */
const FLAGS = ['--print-wasm-code', '--no-liftoff', '--no-wasm-lazy-compilation', '--wasm-num-compilation-tasks=0'];
const COMPILE =
  "const { readFileSync } = require('node:fs');" +
  'for (const file of process.argv.slice(1)) new WebAssembly.Module(readFileSync(file));';
/** A minute compiles some hundred thousand instructions. */
const TIMEOUT_MS = 60_000;
const MOST_OUTPUT = 512 << 20;

/** All functions of the modules; throws a UserError where the engine cannot do it. */
export function machineCode(modules: readonly Uint8Array[]): MachineFunction[] {
  const folder = mkdtempSync(join(tmpdir(), 'wynamo-asm-'));
  try {
    const files = modules.map((bytes, i) => {
      const file = join(folder, `${i}.wasm`);
      writeFileSync(file, bytes);
      return file;
    });
    const { stdout, stderr, error } = spawnSync(
      process.execPath,
      [...process.execArgv.filter((flag) => flag.startsWith('--experimental-wasm')), ...FLAGS, '-e', COMPILE, ...files],
      { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: MOST_OUTPUT, env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const functions = parseListing(stdout ?? '');
    if (functions.length === 0 && modules.length > 0) throw new UserError(reason(error, stderr));
    return functions;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function reason(error: Error | undefined, stderr: string | null): string {
  const why = error?.message ?? stderr?.trim().split('\n').at(-1);
  return (
    `there is no machine code to show: ${process.execPath} prints none` +
    `${why ? ` (${why})` : ', because it was built without a disassembler'}; the pinned Node that comes with wynamo has one`
  );
}
