/**
 * Runs a script under the pinned Node with the project's flags: in this process when it is that Node already, else in a
 * child that shares the terminal, gets the signals and gives the exit status.
 */
import module from 'node:module';
import { findNode, givenFlags, missingFlags, NO_NODE, NODE_FLAGS, V8_FLAGS } from './engine.mjs';

const require = module.createRequire(import.meta.url);
const { join } = require('node:path');

/**
 * @param {string} script absolute path
 * @param {string[]} args arguments of the script
 * @param {string[]} [extra] more flags for Node, which force a new process
 */
export async function start(script, args, extra = []) {
  const node = findNode();
  if (node === null) {
    console.error(NO_NODE);
    process.exitCode = 2;
    return;
  }
  const flags = [...NODE_FLAGS, ...V8_FLAGS, ...extra];
  if (node === process.execPath && extra.length === 0) return here(script, args);
  const argv = [...flags, script, ...args];
  const { spawn } = require('node:child_process');
  const child = spawn(node, argv, { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: cacheFolder() } });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH'];
  for (const signal of signals) {
    try {
      process.on(signal, forward);
    } catch {
      // Not a signal of this platform.
    }
  }
  child.on('error', (error) => {
    console.error(`wynamo: cannot start ${node}: ${error.message}`);
    process.exitCode = 2;
  });
  child.on('exit', (status, signal) => {
    for (const name of signals) process.off(name, forward);
    // Dying by the same signal is the only way to hand the child's status on.
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = status;
  });
}

/**
 * Node keeps compiled code, and TypeScript without its types, between processes in this folder: a run in a checkout starts
 * in a third of the time.
 */
const cacheFolder = () => process.env.NODE_COMPILE_CACHE ?? join(require('node:os').tmpdir(), 'node-compile-cache');

/** Imports the script into this process, after the flags that were not given on the command line. */
async function here(script, args) {
  module.enableCompileCache?.(cacheFolder());
  const given = givenFlags();
  const missing = (flag) => !given.includes(flag);
  if (NODE_FLAGS.some(missing)) {
    const warn = process.emitWarning;
    process.emitWarning = (warning, ...rest) => {
      const type = typeof rest[0] === 'object' ? rest[0]?.type : rest[0];
      if (type !== 'ExperimentalWarning' && warning?.name !== 'ExperimentalWarning')
        warn.call(process, warning, ...rest);
    };
  }
  const unset = missingFlags(V8_FLAGS, given);
  if (unset.length > 0) {
    const { setFlagsFromString } = require('node:v8');
    // The host keeps its own modules compiled for its default flags only: what loads behind a change is compiled anew.
    performance.now();
    require('node:os');
    for (const flag of unset) setFlagsFromString(flag);
    // What reads execArgv later (statistics, forked processes) is to see the flags in force.
    process.execArgv.push(...NODE_FLAGS.filter(missing), ...unset);
  }
  process.argv = [process.execPath, script, ...args];
  // To require a bundle skips the machinery of modules.
  if (script.endsWith('.cjs')) require(script);
  else await import(require('node:url').pathToFileURL(script).href);
}
