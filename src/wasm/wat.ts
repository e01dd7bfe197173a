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

const REASONS: Record<string, string> = {
  EISDIR: 'it is a folder; give the path of a .wasm or .wat file',
  EACCES: 'no permission',
};

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UserError(`there is no file ${path}`);
    throw new UserError(`${path} cannot be read: ${REASONS[code] ?? message}`);
  }
}

/** Parses text. `name` appears in messages. */
export async function parseWat(text: string, name: string, limit: number = LIMIT): Promise<Uint8Array<ArrayBuffer>> {
  const first = await inWorker('wabt', text, limit);
  if (first.bytes) return first.bytes;
  const second = await inWorker('binaryen', text, Math.min(limit, SECOND_LIMIT));
  if (second.bytes) return second.bytes;
  const answers = [first, second];
  const complaint =
    answers.find(({ parsed }) => parsed) ??
    // Whichever came further knew more of what it read: wabt stops at the first type that it does not have.
    answers.filter(({ error }) => placeIn(error) > 0).sort((a, b) => placeIn(b.error) - placeIn(a.error))[0];
  if (complaint) throw new UserError(`${name} is not valid WebAssembly text: ${complaint.error}`);
  throw new UserError(
    `${name} could not be read (wabt: ${first.error}; binaryen: ${second.error}); ` +
      'assemble it with another tool and give the .wasm file',
  );
}

/** Order of the place that a complaint names; 0 where a parser gave up for reasons of its own, such as its memory. */
function placeIn(error = ''): number {
  const [, line, column] = /^line (\d+):(\d+)/.exec(error) ?? [];
  return line === undefined ? 0 : Number(line) * 2 ** 20 + Number(column);
}

interface Answer {
  bytes?: Uint8Array<ArrayBuffer>;
  error?: string;
  /** The text was read to its end; what is wrong is not its syntax. */
  parsed?: boolean;
}

/** The parsers are loaded in the worker only: both take long to start. */
const PARSERS = {
  wabt: {
    load: 'const wabt = await (await import(lib)).default();',
    parse: `
    const features = { exceptions: true, mutable_globals: true, sat_float_to_int: true, sign_extension: true, simd: true,
      threads: true, multi_value: true, tail_call: true, bulk_memory: true, reference_types: true, memory64: true,
      multi_memory: true, extended_const: true, relaxed_simd: true };
    const module = wabt.parseWat('text', new TextEncoder().encode(text), features);
    parsed = true;
    try {
      module.validate(features);
      answer = { bytes: module.toBinary({ write_debug_names: true }).buffer };
    } finally { module.destroy(); }`,
  },
  binaryen: {
    load: 'const binaryen = (await import(lib)).default;',
    parse: `
    const module = binaryen.parseText(text);
    parsed = true;
    module.setFeatures(binaryen.Features.All);
    if (!module.validate()) throw new Error(said[0] ?? 'it does not validate');
    answer = { bytes: module.emitBinary() };`,
  },
} as const;

function inWorker(parser: keyof typeof PARSERS, text: string, limit: number): Promise<Answer> {
  const { load, parse } = PARSERS[parser];
  const code = `
    const { parentPort, workerData } = await import('node:worker_threads');
    const { text, lib } = workerData;
    const said = [];
    console.log = console.error = console.warn = (line) => said.push(String(line));
    let answer, parsed = false;
    try {
      ${load}
      parentPort.postMessage('loaded');
      ${parse}
    } catch (error) { answer = { error: String(error?.message ?? error), parsed }; }
    parentPort.postMessage(answer);`;
  const lib = import.meta.resolve(parser);
  return new Promise((resolve) => {
    const worker = new (threadsModule().Worker)(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
      workerData: { text, lib },
      stderr: true,
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = (answer: Answer) => {
      clearTimeout(timer);
      void worker.terminate();
      const { bytes, error = 'no answer', parsed = false } = answer;
      resolve(bytes ? { bytes: new Uint8Array(bytes) } : { error: tidy(error), parsed });
    };
    const late = () => done({ error: `no end within ${limit} ms` });
    worker.on('message', (message: Answer | 'loaded') => {
      if (message === 'loaded') timer = setTimeout(late, limit);
      else done(message);
    });
    worker.once('error', (error) => done({ error: String(error) }));
    // A parser that aborts ends its worker without an answer.
    worker.once('exit', () => done({ error: 'gave up' }));
  });
}

/** The first complaint with its place; parsers print source lines and carets around it. */
function tidy(message: string): string {
  const lines = message.split('\n').filter((l) => l.trim() !== '');
  return (lines.find((l) => /(?:^|:)\d+:\d+/.test(l)) ?? lines[0] ?? message)
    .replace(/^(?:\S*?:)?(\d+:\d+): error: /, 'line $1: ')
    .replace(/^\[wasm-validator error in function (\S+)\] /, 'function $1: ')
    .replace(/, on\s*$/, '')
    .trim();
}
