/** Applies the rule tables to one instruction. */
import type { Ins, IrType } from '../../ir/ir.ts';
import { bitsOf, constBits, opInfo } from '../../ir/ops.ts';
import type { Folder } from '../folder.ts';
import type { PassContext } from '../pass.ts';
import { CODE_RULES } from './code.ts';
import { COMPARISON_RULES } from './comparisons.ts';
import { CONVERSION_RULES } from './conversions.ts';
import { INTEGER_RULES } from './integers.ts';
import { atWidth, Bindings, match, mayMatch, type Pattern, parsePattern, widths } from './pattern.ts';
import type { Builder, CodeRule, PatternRule } from './rule.ts';

export const PATTERN_RULES: readonly PatternRule[] = [...INTEGER_RULES, ...COMPARISON_RULES, ...CONVERSION_RULES];
export { CODE_RULES };

/** Ids of all rules. */
export const RULE_IDS: readonly string[] = [...PATTERN_RULES, ...CODE_RULES].map((r) => r.id);

/** A pattern rule at one width, read. */
export interface CompiledRule {
  readonly rule: PatternRule;
  readonly width: 32 | 64;
  readonly from: Pattern & { readonly kind: 'op' };
  readonly to: Pattern;
  readonly when: Pattern | null;
  readonly zeros: { readonly name: string; readonly mask: Pattern } | null;
}

export function compileRule(rule: PatternRule, width: 32 | 64): CompiledRule {
  const read = (text: string, type?: IrType) => parsePattern(atWidth(text, width), type);
  const from = read(rule.from);
  if (from.kind !== 'op') throw new Error(`rule ${rule.id} must begin with an operation`);
  return {
    rule,
    width,
    from,
    to: read(rule.to, opInfo(from.op).result ?? 'i32'),
    when: rule.when === undefined ? null : read(rule.when),
    zeros: rule.zeros ? { name: rule.zeros[0], mask: read(rule.zeros[1], `i${width}`) } : null,
  };
}

let compiled: ReadonlyMap<string, readonly CompiledRule[]> | null = null;

/** All pattern rules by the operation that they begin with; read at the first use, which many processes never come to. */
export function compiledRules(): ReadonlyMap<string, readonly CompiledRule[]> {
  compiled ??= Map.groupBy(
    PATTERN_RULES.flatMap((rule) => widths(rule.from).map((w) => compileRule(rule, w))),
    (rule) => rule.from.op,
  );
  return compiled;
}

/** The rules that look at one operation. */
interface OpRules {
  readonly patterns: readonly CompiledRule[];
  readonly code: readonly CodeRule[];
}

/** By operation; null where there are none. */
const byOp = new Map<string, OpRules | null>();
function rulesOf(op: string): OpRules | null {
  let rules = byOp.get(op);
  if (rules === undefined) {
    const patterns = compiledRules().get(op) ?? [];
    const code = CODE_RULES.filter((r) => r.ops(op));
    byOp.set(op, (rules = patterns.length + code.length > 0 ? { patterns, code } : null));
  }
  return rules;
}

/** Bits of a constant expression; null where it is none. */
function evaluate(p: Pattern, bound: Bindings, folder: Folder): bigint | null {
  if (p.kind === 'number') return p.bits;
  if (p.kind !== 'op') return constBits(bound.get(p.name)!);
  const args: bigint[] = [];
  for (const a of p.args) {
    const bits = evaluate(a, bound, folder);
    if (bits === null) return null;
    args.push(bits);
  }
  return folder.fold(p.op, args);
}

/** Makes the instructions of the right-hand side. */
function build(p: Pattern, bound: Bindings, folder: Folder, make: Builder, like: IrType): Ins {
  if (p.kind === 'value' || p.kind === 'constant') return bound.get(p.name)!;
  if (p.kind === 'number') return make.constant(p.type, p.bits);
  const type = (opInfo(p.op).result ?? like) as IrType;
  const bits = evaluate(p, bound, folder);
  if (bits !== null) return make.constant(type, bits);
  const args = p.args.map((a) => build(a, bound, folder, make, like));
  return make.op(p.op, type, args);
}

/** True when the rule may fire on `ins`; fills `bound`. */
function matches(r: CompiledRule, ins: Ins, bound: Bindings, folder: Folder, make: Builder): boolean {
  if (!match(r.from, ins, bound)) return false;
  const { unknown } = r.rule;
  if (unknown !== undefined && constBits(bound.get(unknown)!) !== null) return false;
  if (r.when && !(evaluate(r.when, bound, folder) ?? 0n)) return false;
  if (r.zeros) {
    const mask = evaluate(r.zeros.mask, bound, folder)!;
    const value = bound.get(r.zeros.name)!;
    if (bitsOf(value.type) !== r.width || (make.range(value).zeros & mask) !== mask) return false;
  }
  return true;
}

/** What happened to an instruction: the rule's id, and its replacement if it was not changed in place. */
export interface Fired {
  readonly id: string;
  readonly value: Ins | null;
}

/** False where no rule begins with that operation. */
export function hasRules(op: string): boolean {
  return rulesOf(op) !== null;
}

/** Tries all rules on `ins` that may fire; null when none does. */
export function applyRules(
  ins: Ins,
  { folder, may }: Pick<PassContext, 'folder' | 'may'>,
  make: Builder,
): Fired | null {
  if (ins.type !== 'void' && bitsOf(ins.type) === 0) return null; // a choice of references names its type
  const rules = rulesOf(ins.op);
  if (!rules) return null;
  for (const r of rules.patterns) {
    if (!mayMatch(r.from, ins) || !may(r.rule.id)) continue;
    const bound = new Bindings();
    if (matches(r, ins, bound, folder, make)) {
      return { id: r.rule.id, value: build(r.to, bound, folder, make, ins.type) };
    }
  }
  for (const r of rules.code) {
    const value = may(r.id) && r.apply(ins, make);
    if (value) return { id: r.id, value: value === true ? null : value };
  }
  return null;
}
