/** The JSON form of the WebAssembly core test suite: types of its files, and where they are looked for. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type NumberType = 'i32' | 'i64' | 'f32' | 'f64';
export type LaneType = 'i8' | 'i16' | NumberType;

/** Numbers are bit patterns in unsigned decimal, or `nan:canonical`, `nan:arithmetic` where they are expected. */
export interface ScalarValue {
  type: NumberType;
  value: string;
}
export interface VectorValue {
  type: 'v128';
  lane_type: LaneType;
  value: string[];
}
export interface EitherValue {
  type: 'either';
  values: TestValue[];
}
/** `value` is a host value's number or `null`; without it any value of the type that is not null. */
export interface ReferenceValue {
  type: string;
  value?: string;
}
export type TestValue = ScalarValue | VectorValue | EitherValue | ReferenceValue;

export interface Action {
  type: 'invoke' | 'get';
  module?: string;
  field: string;
  args?: TestValue[];
}

export type CommandType =
  | 'module'
  | 'module_definition'
  | 'module_instance'
  | 'register'
  | 'action'
  | 'assert_return'
  | 'assert_trap'
  | 'assert_exhaustion'
  | 'assert_exception'
  | 'assert_invalid'
  | 'assert_malformed'
  | 'assert_unlinkable'
  | 'assert_uninstantiable'
  | 'assert_invalid_custom';

/** Which of the optional fields a command has depends on its type. */
export interface Command {
  type: CommandType;
  /** Line of the .wast source. */
  line: number;
  name?: string;
  bytes?: string;
  instance?: string;
  module?: string;
  as?: string;
  action?: Action;
  expected?: TestValue[];
  text?: string;
}

export interface TestFile {
  source: string;
  commands: Command[];
}

export interface SuiteIndex {
  totals: { files: number; commands: number; assertions: number };
  files: { file: string; commands: number; assertions: number }[];
}

/** What the host itself does with the suite. */
export interface NativeResults {
  engine: string;
  totals: { files: number; passed: number; failed: number; skipped: number };
  files: Record<string, { passed: number; failed: number; skipped?: number; failures: number[] }>;
  why: Record<string, string>;
}

export interface SpectestParts {
  name: string;
  modules: { part: string; bytes: string }[];
}

/** Where the suite lies unless somebody says otherwise. */
export const DEFAULT_DIR = fileURLToPath(new URL('../../../shared/spec', import.meta.url));

/** One sentence for a folder without the suite, or null when it is there. */
export function missingSuite(dir: string): string | null {
  if (existsSync(join(dir, 'index.json'))) return null;
  return (
    `the core test suite is not in ${dir}: put the folder with its index.json there ` +
    '(the checkout expects it as ../shared/spec), or give its path as the last argument of npm run spec'
  );
}

export function readJson<T>(dir: string, file: string): T {
  return JSON.parse(readFileSync(join(dir, file), 'utf8')) as T;
}

export function decodeBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}
