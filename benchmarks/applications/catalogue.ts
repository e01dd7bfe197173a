/** All applications, one line each; adding one is a file in `programs/`, a line here and a package in `package.json`. */
import type { Application } from './application.ts';
import { application as argon2 } from './programs/argon2.ts';
import { application as brotli } from './programs/brotli.ts';
import { application as esbuild } from './programs/esbuild.ts';
import { application as hashWasm } from './programs/hash-wasm.ts';
import { application as libsodium } from './programs/libsodium.ts';
import { application as pglite } from './programs/pglite.ts';
import { debug, release } from './programs/quickjs-emscripten.ts';
import { application as quickjsWasi } from './programs/quickjs-wasi.ts';
import { application as resvg } from './programs/resvg.ts';
import { application as ruby } from './programs/ruby.ts';
import { application as sourceMap } from './programs/source-map.ts';
import { application as sql } from './programs/sql.ts';
import { application as stockfish } from './programs/stockfish.ts';
import { application as treeSitter } from './programs/tree-sitter.ts';
import { application as wasmoon } from './programs/wasmoon.ts';

export const APPLICATIONS: Readonly<Record<string, Application>> = {
  'quickjs-wasi': quickjsWasi,
  'quickjs-emscripten': release,
  'quickjs-emscripten-debug': debug,
  'sql.js': sql,
  wasmoon,
  ruby,
  'esbuild-wasm': esbuild,
  'hash-wasm': hashWasm,
  argon2,
  libsodium,
  'brotli-wasm': brotli,
  resvg,
  'source-map': sourceMap,
  'tree-sitter': treeSitter,
  pglite,
  stockfish,
};
