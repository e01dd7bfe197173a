/**
 * The guest's exact state as data: call stack with locals and operands, globals, and a digest of memory. Read from
 * frames in machine memory, so it is the same whether the interpreter or a fragment got there.
 */
import { sha256 } from '../builtin.ts';
import { lastFrames } from '../machine/frames.ts';
import { CTL } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { translate } from '../machine/translate/translate.ts';
import { BodyReader } from '../wasm/body.ts';
import { topType } from '../wasm/hierarchy.ts';
import type { TypeDef } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import type { ValType } from '../wasm/row.ts';

export interface FrameDump {
  func: number;
  name: string;
  /** Byte offset in the module of the instruction in progress. */
  offset: number;
  /**
   * Values as `type:bits` in hexadecimal; references as `type:null` or `type:ref`; `type:dead` for locals that are written
   * before they are read again, which fragments do not keep.
   */
  locals: string[];
  /** Dead where they will be dropped. Those of a call in progress are the callee's parameters now, and are listed there. */
  operands: string[];
}

export interface StateDump {
  /** Innermost frame first; frames below a call of the host are not included. */
  frames: FrameDump[];
  globals: string[];
  /** SHA-256 by memory. */
  memories: string[];
  /** Guest instructions completed at the last counted place; those of fragments count when they are left. */
  instructions: number;
}

/** Where the guest is: function and byte offset of the instruction in progress. */
export interface Place {
  func: number;
  name: string;
  offset: number;
}

/** The innermost place alone, which costs nothing however deep the stack is; null where the guest is not running. */
export function placeOf(machine: Machine): Place | null {
  const at = machine.map.at(machine.memory.word(CTL.pc));
  return at ? { func: at.code.func, name: machine.functionName(at.code.func), offset: at.offset } : null;
}

/** Places of all frames, innermost first; none where the guest is not running. */
export const placesOf = (machine: Machine): Place[] =>
  Array.from(lastFrames(machine), ({ code: { func }, offset }) => ({ func, name: machine.functionName(func), offset }));

export function dumpState(machine: Machine): StateDump {
  const { memory, guest, module } = machine;
  const frames: FrameDump[] = [];
  for (const { code, offset, fp, resume } of lastFrames(machine)) {
    const frame = dumpFrame(machine, fp, code.func, offset, resume);
    if (frames.length > 0) frame.operands.length -= taken(machine, offset);
    frames.push(frame);
  }
  return {
    frames,
    globals: guest.globals.map((g, i) => hostValue(module.types, module.globals[i]?.type ?? 'i32', g)),
    memories: guest.memories.map((m) => sha256(new Uint8Array(m.buffer))),
    instructions: memory.count(CTL.icount),
  };
}

/** `call`, whose immediate is a function; that of `call_indirect` and `call_ref` is a type. */
const CALL = 0x10;

/** How many operands the call at `offset` took from the stack: the arguments, and what named the callee. */
function taken({ module, env }: Machine, offset: number): number {
  const body = new Reader(module.bytes, offset);
  if (body.u8() === CALL) return env.signature(body.u32()).params.length;
  const type = module.types[body.u32()];
  return 1 + (type?.kind === 'func' ? type.params.length : 0);
}

function hostValue(types: readonly TypeDef[], type: ValType, global: WebAssembly.Global): string {
  if (type === 'v128' || topType(types, type) === 'exnref') return `${type}:?`;
  const { value } = global;
  if (type === 'i64') return `i64:${BigInt.asUintN(64, value as bigint).toString(16)}`;
  if (typeof value === 'number') {
    const view = new DataView(new ArrayBuffer(8));
    if (type === 'f64') view.setFloat64(0, value);
    else if (type === 'f32') view.setFloat32(4, value);
    else view.setInt32(4, value);
    return `${type}:${view.getBigUint64(0).toString(16)}`;
  }
  return `${type}:${value === null ? 'null' : 'ref'}`;
}

function dumpFrame(machine: Machine, fp: number, func: number, offset: number, resume: number): FrameDump {
  const { memory, map } = machine;
  const dead = new Set(machine.liveness.deadAt(resume));
  const code = map.of(func);
  const slot = (off: number, type: ValType): string => {
    if (dead.has(off)) return `${type}:dead`;
    const at = (fp + off) >> 2;
    const word = (i: number) => BigInt(memory.i32[at + i] as number) & 0xffffffffn;
    if (type === 'i32' || type === 'f32') return `${type}:${word(0).toString(16)}`;
    if (type === 'i64' || type === 'f64') return `${type}:${(word(0) | (word(1) << 32n)).toString(16)}`;
    if (type === 'v128') {
      return `v128:${(word(0) | (word(1) << 32n) | (word(2) << 64n) | (word(3) << 96n)).toString(16)}`;
    }
    // The host shows nothing of exceptions, not even whether there is one.
    if (type === 'exnref') return 'exnref:?';
    return `${type}:${machine.sides.get(type)?.get((fp + off) >> 3) === null ? 'null' : 'ref'}`;
  };
  const operands: string[] = [];
  // Translating once more tells which operands are in slots, in locals, or constants at this place.
  translate(machine.env, func, new BodyReader(machine.module, func), (d) => {
    if (d.guest !== offset) return;
    operands.length = 0;
    for (const o of d.stack.items) {
      operands.push(
        o.kind === 'const' ? `${o.type}:${o.bits.toString(16)}` : slot(o.kind === 'local' ? o.local : o.off, o.type),
      );
    }
  });
  return {
    func,
    name: machine.functionName(func),
    offset,
    locals: (code?.locals ?? []).map((l) => slot(l.off, l.type)),
    operands,
  };
}
