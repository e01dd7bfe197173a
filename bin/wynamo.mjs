#!/usr/bin/env node
/** The `wynamo` command: the TypeScript sources in a checkout, the compiled ones in an installed package. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { start } from './start.mjs';

const source = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const compiled = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
await start(existsSync(source) ? source : compiled, process.argv.slice(2));
