/** Test values on their way into a call, and the comparison of what came out with what is expected. */
import type { LaneType, TestValue, VectorValue } from './format.ts';
import { isReference } from './reftest.ts';

/** A result as it is compared: bits of a number, a reference, or what is known of a reference that cannot cross. */
export type Actual =
  | { kind: 'bits'; type: string; bits: bigint }
  | { kind: 'ref'; value: unknown }
  | { kind: 'hidden'; isNull: boolean };

const hostValues = new Map<string, object>();

/** Host value number N: the same object each time; an object, because a number would become an i31 as `anyref`. */
function hostValue(n: string): object {
  let value = hostValues.get(n);
  if (!value) hostValues.set(n, (value = { hostValue: n }));
  return value;
}

const LANE_BITS: Record<LaneType, bigint> = { i8: 8n, i16: 16n, i32: 32n, i64: 64n, f32: 32n, f64: 64n };

/** The value in the form in which wrappers take it; a vector is two values (low, high). */
export function toArguments(value: TestValue): unknown[] {
  switch (value.type) {
    case 'i32':
    case 'f32':
      return [Number((value as { value: string }).value) | 0];
    case 'i64':
    case 'f64':
      return [BigInt((value as { value: string }).value)];
    case 'v128': {
      const { lane_type, value: lanes } = value as VectorValue;
      const width = LANE_BITS[lane_type];
      const bits = lanes.reduce((sum, lane, i) => sum | (BigInt(lane) << (width * BigInt(i))), 0n);
      return [BigInt.asUintN(64, bits), bits >> 64n];
    }
    case 'exnref':
    case 'nullexnref':
      return [0];
    default: {
      const { value: text } = value as { value?: string };
      if (text === undefined) throw new Error(`an argument of type ${value.type} has no value`);
      return [text === 'null' ? null : hostValue(text)];
    }
  }
}

/** Compares one number; `nan:*` stands for a set of bit patterns of either sign. */
function matchBits(type: LaneType, expected: string, bits: bigint): boolean {
  if (!expected.startsWith('nan:')) return BigInt(expected) === bits;
  const [width, quiet] = type === 'f32' ? ([32n, 0x7fc00000n] as const) : ([64n, 0x7ff8000000000000n] as const);
  const magnitude = BigInt.asUintN(Number(width) - 1, bits);
  return expected === 'nan:canonical' ? magnitude === quiet : (magnitude & quiet) === quiet;
}

export function matches(expected: TestValue, actual: Actual): boolean {
  switch (expected.type) {
    case 'either':
      return (expected as { values: TestValue[] }).values.some((value) => matches(value, actual));
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return (
        actual.kind === 'bits' &&
        actual.type === expected.type &&
        matchBits(expected.type, (expected as { value: string }).value, actual.bits)
      );
    case 'v128': {
      if (actual.kind !== 'bits' || actual.type !== 'v128') return false;
      const { lane_type, value } = expected as VectorValue;
      const width = LANE_BITS[lane_type];
      return value.every((lane, i) =>
        matchBits(lane_type, lane, BigInt.asUintN(Number(width), actual.bits >> (width * BigInt(i)))),
      );
    }
  }
  if (actual.kind === 'bits') return false;
  const { value } = expected as { value?: string };
  if (value === 'null') return actual.kind === 'hidden' ? actual.isNull : actual.value === null;
  if (actual.kind === 'hidden') return !actual.isNull;
  return value === undefined ? isReference(expected.type, actual.value) : actual.value === hostValue(value);
}

/** One line for messages. */
export function describeValue(value: TestValue): string {
  if ('values' in value) return `either(${value.values.map(describeValue).join(' | ')})`;
  if ('lane_type' in value) return `v128:${value.lane_type}(${value.value.join(' ')})`;
  return value.value === undefined ? value.type : `${value.type}:${value.value}`;
}

export function describeActual(actual: Actual): string {
  if (actual.kind === 'bits') return `${actual.type}:${actual.bits}`;
  if (actual.kind === 'hidden') return actual.isNull ? 'a null' : 'a reference';
  return actual.value === null ? 'null' : `${typeof actual.value} reference`;
}
