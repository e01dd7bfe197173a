#!/usr/bin/env node
/** `node bin/node.mjs [node flags] SCRIPT [arguments]`: runs any script under the project's pinned Node. */
import { resolve } from 'node:path';
import { start } from './start.mjs';

const args = process.argv.slice(2);
const at = args.findIndex((arg) => !arg.startsWith('-'));
if (at < 0) {
  console.error('usage: node bin/node.mjs [node flags] SCRIPT [arguments]');
  process.exitCode = 2;
} else {
  await start(resolve(args[at]), args.slice(at + 1), args.slice(0, at));
}
