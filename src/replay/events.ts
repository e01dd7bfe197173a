/**
 * The file of recorded host calls: everything that came into a guest from outside, in order, a JSON line each. The first
 * line is a header; each further one is an event:
 *
 *     ["enter", "run", [10]]          the host calls an export
 *     ["call", 0, [7]]                the guest calls import 0 (a function index)
 *     ["write", 0, 1024, "AAEC"]      the host has written memory 0 from byte 1024 on (base64)
 *     ["grow", 0, 2]                  the host has grown memory 0 by 2 pages
 *     ["global", 3, 5]                the host has set global 3
 *     ["return", {"value": [49]}]     the host function gives 49 back
 *     ["left", {"value": [59]}]       the export gives 59 back
 *     ["end"]                         the last line of a recording that was not cut off
 *
 * Calls nest: what stands between `call` and `return` is what the host function did, other `enter`s included. Arguments
 * and results of `enter`, `call` and `left` are the guest's; a replay must come to the same ones, or it says where not.
 */
import { UserError } from '../errors.ts';
import type { ValType } from '../wasm/row.ts';

export const FORMAT = 'wynamo host calls';

export interface Header {
  format: typeof FORMAT;
  schema: 1;
  /** SHA-256 of the guest. */
  module: string;
  /** Imported memories (pages), tables (elements) and globals (values) as they were, by index. */
  memories: Record<number, number>;
  tables: Record<number, number>;
  globals: Record<number, Value>;
}

/**
 * A value of the guest: i32 and finite floats as numbers, i64 as decimal text, other floats as `nan`, `inf`, `-inf`, `-0`;
 * references as null, the guest's own functions as their index, and what else the host passes as plain data.
 */
export type Value = number | string | null | { func: number } | { js: string | number | boolean } | { other: true };

/** How a call ended. `again`: with what the guest's export that the host called last had thrown. */
export type Outcome =
  | { value: Value[] }
  | { exit: number }
  | { error: [name: string, message: string] }
  | { exception: [tag: number, args: Value[]] }
  | { thrown: string | number | boolean | null }
  | { again: true };

export type Event =
  | ['enter', name: string, args: Value[]]
  | ['call', func: number, args: Value[]]
  | ['write', memory: number, at: number, bytes: string]
  | ['grow', memory: number, pages: number]
  | ['global', index: number, value: Value]
  | ['return', outcome: Outcome]
  | ['left', outcome: Outcome]
  | ['end'];

/** The value in the file's form. `other` stands for a reference that has none; it can be passed out, but not in. */
export function encode(type: ValType, value: unknown): Value {
  switch (type) {
    case 'i32':
      return Number(value) | 0;
    case 'i64':
      return String(BigInt.asIntN(64, value as bigint));
    case 'f32':
    case 'f64': {
      const number = type === 'f32' ? Math.fround(Number(value)) : Number(value);
      if (Number.isNaN(number)) return 'nan';
      if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
      return Object.is(number, -0) ? '-0' : number;
    }
  }
  if (value === null || value === undefined) return null;
  // An exported function is called by its index.
  if (typeof value === 'function' && /^\d+$/.test(value.name)) return { func: Number(value.name) };
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return { js: value };
  return { other: true };
}

const FLOATS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 };

/** The JavaScript value that stands for it. `func` finds a function of the guest by its index. */
export function decode(type: ValType, value: Value, func: (index: number) => unknown): unknown {
  if (type === 'i64') return BigInt(value as string);
  if (typeof value === 'string') return FLOATS[value];
  if (value === null || typeof value === 'number') return value;
  if ('js' in value) return value.js;
  if ('func' in value) {
    const found = func(value.func);
    if (found) return found;
  }
  throw new UserError('the recording holds a reference that cannot be made again');
}

/** Reads a recording. Throws a UserError for anything that is none. */
export function readEvents(text: string, path: string): { header: Header; events: Event[] } {
  const [first = '', ...rest] = text.split('\n');
  const header = parse(first) as Partial<Header> | null;
  if (header?.format !== FORMAT || header.schema !== 1)
    throw new UserError(`${path} is no recording of host calls (wynamo run --record=FILE makes one)`);
  const events: Event[] = [];
  for (const [i, line] of rest.entries()) {
    if (line === '') continue;
    const event = parse(line);
    // The last line of a process that was killed may be cut off.
    if (!Array.isArray(event) && i < rest.length - 1) throw new UserError(`${path}: line ${i + 2} is no event`);
    if (Array.isArray(event)) events.push(event as Event);
  }
  return { header: header as Header, events };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
