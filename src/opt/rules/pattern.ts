/**
 * Patterns of expressions as text, in which rewrite rules are written:
 *
 *     (iN.add (iN.add x C) D)
 *
 * `iN` stands for i32 and i64 in turn (`NN` for 32 and 64, `N1` for 31 and 63). Lower-case letters match any value, the
 * same letter the same value; capitals match constants; numbers match integer constants of the operand's type. Operands
 * of commutative operations match in both orders.
 */
import type { Ins, IrType } from '../../ir/ir.ts';
import { bitsOf, constBits, opInfo } from '../../ir/ops.ts';

export type Pattern =
  | { readonly kind: 'op'; readonly op: string; readonly args: readonly Pattern[]; readonly commutes: boolean }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'constant'; readonly name: string }
  | { readonly kind: 'number'; readonly bits: bigint; readonly type: IrType };

/** Values by the letters of a pattern. A list: there are few, and failed attempts are cut off its end. */
export class Bindings {
  readonly #names: string[] = [];
  readonly #values: Ins[] = [];

  get size(): number {
    return this.#names.length;
  }

  get(name: string): Ins | undefined {
    return this.#values[this.#names.indexOf(name)];
  }

  add(name: string, value: Ins): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  /** Forgets all but the first `size` bindings. */
  cut(size: number): void {
    this.#names.length = size;
    this.#values.length = size;
  }
}

/** Replaces `iN`, `NN` and `N1` for a width; patterns without them stay as they are. */
export function atWidth(text: string, width: 32 | 64): string {
  return text
    .replaceAll('iN.', `i${width}.`)
    .replaceAll('NN', `${width}`)
    .replaceAll('N1', `${width - 1}`);
}

/** Widths for which a rule with these texts exists. */
export function widths(...texts: (string | undefined)[]): readonly (32 | 64)[] {
  return texts.some((t) => t?.includes('iN.')) ? [32, 64] : [32];
}

/** Reads a pattern; a bare number is of type `type`. Throws on mistakes, which are bugs of the rule table. */
export function parsePattern(text: string, type: IrType = 'i32'): Pattern {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const read = (want: IrType): Pattern => {
    const t = tokens[at++];
    if (t === undefined) throw new Error(`pattern ends too early: ${text}`);
    if (t !== '(') return leaf(t, want);
    const op = tokens[at++]!;
    const params = opInfo(op).row?.sig?.params;
    const args: Pattern[] = [];
    while (tokens[at] !== ')')
      args.push(read(params?.[args.length] ?? (op === 'select' && args.length === 2 ? 'i32' : want)));
    at++;
    if (params && params.length !== args.length) throw new Error(`${op} has ${params.length} operands: ${text}`);
    return { kind: 'op', op, args, commutes: args.length === 2 && opInfo(op).commutes };
  };
  const pattern = read(type);
  if (at !== tokens.length) throw new Error(`pattern goes on behind its end: ${text}`);
  return pattern;
}

function leaf(t: string, type: IrType): Pattern {
  if (/^[a-z]$/.test(t)) return { kind: 'value', name: t };
  if (/^[A-Z]$/.test(t)) return { kind: 'constant', name: t };
  return { kind: 'number', bits: BigInt.asUintN(bitsOf(type), BigInt(t)), type };
}

/** Matches `ins` and adds to `bound`; what a failed attempt has bound is taken back. */
export function match(p: Pattern, ins: Ins, bound: Bindings): boolean {
  switch (p.kind) {
    case 'number':
      return ins.type === p.type && constBits(ins) === p.bits;
    case 'constant':
    case 'value': {
      if (p.kind === 'constant' && constBits(ins) === null) return false;
      const known = bound.get(p.name);
      if (known) return known === ins;
      bound.add(p.name, ins);
      return true;
    }
    case 'op':
      return ins.op === p.op && matchArgs(p, ins, bound);
  }
}

function matchArgs({ args, commutes }: Pattern & { kind: 'op' }, ins: Ins, bound: Bindings): boolean {
  const before = bound.size;
  let all = true;
  for (let i = 0; all && i < args.length; i++) all = match(args[i]!, ins.args[i]!, bound);
  if (all) return true;
  bound.cut(before);
  if (!commutes) return false;
  if (match(args[0]!, ins.args[1]!, bound) && match(args[1]!, ins.args[0]!, bound)) return true;
  bound.cut(before);
  return false;
}

/** False where a look at the operands already tells that the pattern does not match. */
export function mayMatch({ args, commutes }: Pattern & { kind: 'op' }, ins: Ins): boolean {
  for (let i = 0; i < args.length; i++) {
    const a = args[i]!;
    if (a.kind === 'value' || mayBe(a, ins.args[i]!) || (commutes && mayBe(a, ins.args[1 - i]!))) continue;
    return false;
  }
  return true;
}

function mayBe(p: Pattern, value: Ins): boolean {
  return p.kind === 'op' ? value.op === p.op : constBits(value) !== null;
}

/** All letters in a pattern, with the type that their place gives them. */
export function letters(p: Pattern, type: IrType = 'i32', out = new Map<string, IrType>()): Map<string, IrType> {
  if (p.kind === 'value' || p.kind === 'constant') {
    if (!out.has(p.name)) out.set(p.name, type);
  } else if (p.kind === 'op') {
    const params = opInfo(p.op).row?.sig?.params;
    for (const [i, a] of p.args.entries())
      letters(a, params?.[i] ?? (p.op === 'select' && i === 2 ? 'i32' : type), out);
  }
  return out;
}
