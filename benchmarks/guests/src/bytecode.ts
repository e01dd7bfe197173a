// A register machine with 24 instructions, dispatched by one switch, running an assembled program: Collatz lengths and
// a prime sieve over its own memory. Instructions are four bytes: code, a, b, c.

const enum Op {
  Halt, Const, Move, Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr, AddI, LoadB, StoreB, Jump, JumpIf, JumpNot, Less,
  Equal, LessI, Call, Return,
}

const CODE: i32 = 512;
const DATA: i32 = 8192;
const code = new StaticArray<u8>(CODE * 4);
const data = new StaticArray<u8>(DATA);
const registers = new StaticArray<i32>(32);
const stack = new StaticArray<i32>(64);
let end = 0;

function emit(op: i32, a: i32 = 0, b: i32 = 0, c: i32 = 0): i32 {
  code[end * 4] = <u8>op;
  code[end * 4 + 1] = <u8>a;
  code[end * 4 + 2] = <u8>b;
  code[end * 4 + 3] = <u8>c;
  return end++;
}

/** `a = b * 256 + c` at an earlier jump: its target, once known. */
function patch(at: i32, target: i32): void {
  code[at * 4 + 2] = <u8>(target >> 8);
  code[at * 4 + 3] = <u8>target;
}

function jump(op: i32, condition: i32, target: i32): i32 {
  return emit(op, condition, target >> 8, target & 255);
}

/** r0 = n rounds, r1 = result; the rest are temporaries. */
function assemble(): void {
  end = 0;
  const over = jump(Op.Jump, 0, 0);
  // Subroutine: r3 = length of the Collatz sequence from r2.
  const collatz = end;
  emit(Op.Const, 3, 0, 0);
  emit(Op.Const, 10, 0, 1);
  const loop = end;
  emit(Op.Equal, 4, 2, 10);
  const out = jump(Op.JumpIf, 4, 0);
  emit(Op.And, 5, 2, 10);
  const odd = jump(Op.JumpIf, 5, 0);
  emit(Op.Shr, 2, 2, 10);
  const joined = jump(Op.Jump, 0, 0);
  patch(odd, end);
  emit(Op.Const, 6, 0, 3);
  emit(Op.Mul, 2, 2, 6);
  emit(Op.AddI, 2, 2, 1);
  patch(joined, end);
  emit(Op.AddI, 3, 3, 1);
  jump(Op.Jump, 0, loop);
  patch(out, end);
  emit(Op.Return);
  // Subroutine: r3 = number of primes below 4096, by a sieve in data memory.
  const sieve = end;
  emit(Op.Const, 3, 0, 0);
  emit(Op.Const, 4, 16, 0); // limit
  emit(Op.Const, 5, 0, 0);
  emit(Op.Const, 6, 0, 0);
  const clear = end;
  emit(Op.StoreB, 6, 5);
  emit(Op.AddI, 5, 5, 1);
  emit(Op.Less, 7, 5, 4);
  jump(Op.JumpIf, 7, clear);
  emit(Op.Const, 5, 0, 2);
  emit(Op.Const, 9, 0, 1);
  const outer = end;
  emit(Op.LoadB, 7, 5);
  const composite = jump(Op.JumpIf, 7, 0);
  emit(Op.AddI, 3, 3, 1);
  emit(Op.Add, 8, 5, 5);
  const inner = end;
  emit(Op.Less, 7, 8, 4);
  const done = jump(Op.JumpNot, 7, 0);
  emit(Op.StoreB, 9, 8);
  emit(Op.Add, 8, 8, 5);
  jump(Op.Jump, 0, inner);
  patch(composite, end);
  patch(done, end);
  emit(Op.AddI, 5, 5, 1);
  emit(Op.Less, 7, 5, 4);
  jump(Op.JumpIf, 7, outer);
  emit(Op.Return);
  // Main: a sieve a round, and Collatz from 1 to 100.
  patch(over, end);
  emit(Op.Const, 1, 0, 0);
  const round = end;
  const halt = jump(Op.JumpNot, 0, 0);
  jump(Op.Call, 0, sieve);
  emit(Op.Xor, 1, 1, 3);
  emit(Op.Const, 11, 0, 1);
  const each = end;
  emit(Op.Move, 2, 11);
  jump(Op.Call, 0, collatz);
  emit(Op.Const, 12, 0, 31);
  emit(Op.Mul, 1, 1, 12);
  emit(Op.Add, 1, 1, 3);
  emit(Op.AddI, 11, 11, 1);
  emit(Op.LessI, 13, 11, 101);
  jump(Op.JumpIf, 13, each);
  emit(Op.AddI, 0, 0, -1);
  jump(Op.Jump, 0, round);
  patch(halt, end);
  emit(Op.Halt);
}

function execute(): void {
  const base = changetype<usize>(code);
  const r = registers;
  let pc = 0;
  let depth = 0;
  for (;;) {
    const word = load<u32>(base + (pc << 2));
    const a = (word >>> 8) & 31;
    const b = (word >>> 16) & 255;
    const c = word >>> 24;
    pc++;
    switch (word & 255) {
      case Op.Halt: return;
      case Op.Const: unchecked((r[a] = (b << 8) | c)); break;
      case Op.Move: unchecked((r[a] = r[b])); break;
      case Op.Add: unchecked((r[a] = r[b] + r[c])); break;
      case Op.Sub: unchecked((r[a] = r[b] - r[c])); break;
      case Op.Mul: unchecked((r[a] = r[b] * r[c])); break;
      case Op.Div: unchecked((r[a] = r[b] / r[c])); break;
      case Op.Rem: unchecked((r[a] = r[b] % r[c])); break;
      case Op.And: unchecked((r[a] = r[b] & r[c])); break;
      case Op.Or: unchecked((r[a] = r[b] | r[c])); break;
      case Op.Xor: unchecked((r[a] = r[b] ^ r[c])); break;
      case Op.Shl: unchecked((r[a] = r[b] << r[c])); break;
      case Op.Shr: unchecked((r[a] = r[b] >>> r[c])); break;
      case Op.AddI: unchecked((r[a] = r[b] + <i32>(<i8>c))); break;
      case Op.LoadB: unchecked((r[a] = data[r[b] & (DATA - 1)])); break;
      case Op.StoreB: unchecked((data[r[b] & (DATA - 1)] = <u8>r[a])); break;
      case Op.Jump: pc = (b << 8) | c; break;
      case Op.JumpIf: if (unchecked(r[a])) pc = (b << 8) | c; break;
      case Op.JumpNot: if (!unchecked(r[a])) pc = (b << 8) | c; break;
      case Op.Less: unchecked((r[a] = <i32>(r[b] < r[c]))); break;
      case Op.Equal: unchecked((r[a] = <i32>(r[b] == r[c]))); break;
      case Op.LessI: unchecked((r[a] = <i32>(r[b] < <i32>c))); break;
      case Op.Call: unchecked((stack[depth++] = pc)); pc = (b << 8) | c; break;
      case Op.Return: pc = unchecked(stack[--depth]); break;
      default: unreachable();
    }
  }
}

export function run(n: i32): i32 {
  assemble();
  unchecked((registers[0] = n));
  execute();
  return unchecked(registers[1]);
}
