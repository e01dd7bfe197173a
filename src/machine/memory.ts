/** The machine memory with its views, and the bump allocator behind the frame stack. Nothing is ever freed. */
import { MACHINE_MAX_PAGES } from '../interp/module.ts';
import { CTL, FUNCS, SLOT } from './layout.ts';

const PAGE = 65536;

/**
 * Bytes below the frame stack. A fragment that returns out of its first frame loads slots of callers before it knows
 * that these are the callers that it was recorded with; such a load must find memory.
 */
export const STACK_SLACK = PAGE;

/** Bytes above a frame stack: operands of one call are written before the callee's frame is checked. */
export const BEYOND = PAGE;

export class MachineMemory {
  readonly memory: WebAssembly.Memory;
  i32: Int32Array;
  i64: BigInt64Array;
  /** Address of the canonical type ids of the guest's functions. */
  readonly sigs: number;
  readonly stackBase: number;
  readonly stackLimit: number;
  private next: number;

  /** `functions`: size of the guest's function index space. `stack`: bytes of the frame stack. */
  constructor(functions: number, stack: number) {
    this.sigs = FUNCS + 4 * functions;
    this.stackBase = align(this.sigs + 4 * functions, 16) + STACK_SLACK;
    this.stackLimit = align(this.stackBase + stack, SLOT);
    this.next = align(this.stackLimit + BEYOND, 16);
    this.memory = new WebAssembly.Memory({
      initial: Math.ceil((this.next + PAGE) / PAGE),
      maximum: MACHINE_MAX_PAGES,
      shared: true,
    });
    this.i32 = new Int32Array(this.memory.buffer);
    this.i64 = new BigInt64Array(this.memory.buffer);
    this.i32[CTL.top >> 2] = this.stackBase;
    this.i32[CTL.refTop >> 2] = this.stackBase;
    this.i32[CTL.limit >> 2] = this.stackLimit;
  }

  /** Zeroed bytes at an address divisible by 8. */
  alloc(bytes: number): number {
    const at = this.next;
    this.next = align(at + bytes, 8);
    const have = this.memory.buffer.byteLength;
    if (this.next > have) {
      this.memory.grow(Math.ceil(Math.max(this.next - have, have >> 2) / PAGE));
      this.i32 = new Int32Array(this.memory.buffer);
      this.i64 = new BigInt64Array(this.memory.buffer);
    }
    return at;
  }

  get used(): number {
    return this.next;
  }

  word(address: number): number {
    return this.i32[address >> 2] as number;
  }

  setWord(address: number, value: number): void {
    this.i32[address >> 2] = value;
  }

  /** A counter as a number; exact up to 2^53. Counters in code are only 4-byte aligned. */
  count(address: number): number {
    const low = (this.i32[address >> 2] as number) >>> 0;
    return low + (this.i32[(address >> 2) + 1] as number) * 2 ** 32;
  }

  setLong(address: number, value: bigint): void {
    this.i32[address >> 2] = Number(BigInt.asIntN(32, value));
    this.i32[(address >> 2) + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }
}

export function align(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
