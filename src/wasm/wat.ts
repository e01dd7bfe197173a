/**
 * Loads a module from a file, binary or text. Text goes through wabt, which can hang on deep nesting, so it parses in a
 * worker with a time limit; what wabt cannot read, binaryen's parser gets as a second try.
 */
import { readFileSync } from 'node:fs';
import { threadsModule } from '../builtin.ts';
import { UserError } from '../errors.ts';

/** Milliseconds that one parser may take once it is loaded, which on a busy machine takes longer than all parsing. */
const LIMIT = 10_000;

/** binaryen never answers on some syntax errors, and it is quick where it does. */
const SECOND_LIMIT = 3000;

/** Throws a UserError with the place for files that are missing or are no module. */
export async function loadWasm(path: string, limit: number = LIMIT): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = read(path);
  if (bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d) return new Uint8Array(bytes);
  const text = bytes.toString('utf8');
  if (!/^\s*(\(|;;)/.test(text)) {
    throw new UserError(
      `${path} is neither a WebAssembly binary (it would begin with 00 61 73 6d) nor text (with a parenthesis)`,
    );
  }
  return parseWat(text, path, limit);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read: ${message}`);
  }
}

/** Parses text. `name` appears in messages. */
export async function parseWat(text: string, name: string, limit: number = LIMIT): Promise<Uint8Array<ArrayBuffer>> {
  const first = await inWorker('wabt', text, name, limit);
  if (first.bytes) return first.bytes;
  const second = await inWorker('binaryen', text, name, Math.min(limit, SECOND_LIMIT));
  if (second.bytes) return second.bytes;
  throw new UserError(`${name} is not valid WebAssembly text: ${first.error}`);
}

interface Answer {
  bytes?: Uint8Array<ArrayBuffer>;
  error?: string;
}

/** The parsers are loaded in the worker only: both take long to start. */
const PARSERS = {
  wabt: {
    load: 'const wabt = await (await import(lib)).default();',
    parse: `
    const features = { exceptions: true, mutable_globals: true, sat_float_to_int: true, sign_extension: true, simd: true,
      threads: true, multi_value: true, tail_call: true, bulk_memory: true, reference_types: true, memory64: true,
      multi_memory: true, extended_const: true, relaxed_simd: true };
    const module = wabt.parseWat(name, text, features);
    try {
      module.validate(features);
      answer = { bytes: module.toBinary({ write_debug_names: true }).buffer };
    } finally { module.destroy(); }`,
  },
  binaryen: {
    load: 'const binaryen = (await import(lib)).default;',
    parse: `
    const module = binaryen.parseText(text);
    module.setFeatures(binaryen.Features.All);
    if (!module.validate()) throw new Error('it does not validate');
    answer = { bytes: module.emitBinary() };`,
  },
} as const;

function inWorker(parser: keyof typeof PARSERS, text: string, name: string, limit: number): Promise<Answer> {
  const { load, parse } = PARSERS[parser];
  const code = `
    const { parentPort, workerData } = await import('node:worker_threads');
    const { text, name, lib } = workerData;
    console.log = console.error = console.warn = () => {};
    let answer;
    try {
      ${load}
      parentPort.postMessage('loaded');
      ${parse}
    } catch (error) { answer = { error: String(error?.message ?? error) }; }
    parentPort.postMessage(answer);`;
  const lib = import.meta.resolve(parser);
  return new Promise((resolve) => {
    const worker = new (threadsModule().Worker)(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
      workerData: { text, name, lib },
      stderr: true,
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = (answer: Answer) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(answer.bytes ? { bytes: new Uint8Array(answer.bytes) } : { error: tidy(answer.error ?? 'no answer') });
    };
    const late = () => done({ error: `${parser} did not finish within ${limit} ms` });
    worker.on('message', (message: Answer | 'loaded') => {
      if (message === 'loaded') timer = setTimeout(late, limit);
      else done(message);
    });
    worker.once('error', (error) => done({ error: String(error) }));
    // A parser that aborts ends its worker without an answer.
    worker.once('exit', () => done({ error: `${parser} gave up` }));
  });
}

/** The first complaint with its place; parsers print source lines and carets around it. */
function tidy(message: string): string {
  const lines = message.split('\n').filter((l) => l.trim() !== '');
  return (lines.find((l) => /:\d+:\d+/.test(l)) ?? lines[0] ?? message)
    .replace(/^\S*?:(\d+:\d+): error: /, 'line $1: ')
    .trim();
}
