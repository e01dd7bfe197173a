#!/usr/bin/env node
/** The `wynamo` command: the TypeScript sources in a checkout, their bundle in an installed package. */
import { createRequire } from 'node:module';
import { start } from './start.mjs';

const require = createRequire(import.meta.url);
const { existsSync } = require('node:fs');
const { fileURLToPath } = require('node:url');
const source = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../dist/command/wynamo.cjs', import.meta.url));
await start(existsSync(source) ? source : compiled, process.argv.slice(2));
