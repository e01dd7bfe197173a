/**
 * Exceptions. Protected code has a handler, and behind it a landing pad whose clauses branch to where exceptions are
 * caught; in the older dialect the clauses are blocks of their own that the pad leads to.
 */
import type { ValType } from '../../wasm/row.ts';
import { jumpArm } from '../arms/control.ts';
import { type PadClause, padArm, padKey, throwArm, throwRefArm } from '../arms/exception.ts';
import type { Handler } from '../handlers.ts';
import { type Fixup, type Label, labelTypes } from '../labels.ts';
import { legacyClauses } from '../legacy.ts';
import { callOperands } from './calls.ts';
import type { Draft } from './draft.ts';
import { emitReturn } from './returns.ts';

export function openTry(d: Draft): void {
  d.settleAll();
  d.last = null;
  const { body } = d;
  const sig = d.blockSignature();
  const old = body.op.name === 'try';
  const label = d.label(old ? 'try' : 'block', sig.params, sig.results, d.guest);
  if (!old) {
    label.catches = body.catches;
    if (label.catches.length === 0) return;
  }
  label.handler = d.handlers.length;
  d.handlers.push({ start: d.code.length, end: d.code.length, pad: -1, delegate: -1 });
}

/** At the end of the protected code of a label that is closed already. */
export function endProtected(d: Draft, label: Label): void {
  const handler = d.handlers[label.handler] as Handler;
  // A `try` without clauses protects nothing; who delegates to it means what is around it.
  if (label.kind === 'try') {
    handler.delegate = openHandler(d.labels);
    return;
  }
  handler.end = d.code.length;
  if (!d.dead) {
    d.begin(d.arm(jumpArm.key, () => jumpArm));
    d.writeForward(label, 0);
  }
  handler.pad = d.code.length;
  const clauses = label.catches.map(({ kind, tag }) => ({
    kind,
    tag,
    types: tagTypes(d, kind, tag),
    below: false,
  }));
  beginPad(d, label, clauses);
  const returns: Fixup[] = [];
  for (const [i, clause] of label.catches.entries()) {
    const to = d.at(clause.label);
    const toFunction = to.kind === 'func';
    d.code.word(d.stack.offsetAt(toFunction ? label.height : to.height));
    if (toFunction) returns.push(d.forward(1));
    else d.writeTarget(to);
    d.code.word(0);
    d.code.word(0);
    d.reserve(toFunction ? label.height : to.height, labelTypes(to));
    const types = clauses[i]?.types ?? [];
    d.reserve(label.height, types);
  }
  d.pending = 0;
  if (returns.length > 0) {
    d.dead = true;
    d.bind(returns);
    d.resetTo(label, d.sig.results);
    emitReturn(d, 0);
  }
  d.dead = true;
}

/** Types of the values that a clause unpacks. */
function tagTypes(d: Draft, kind: number, tag: number): readonly ValType[] {
  if (kind >= 2) return [];
  return d.env.typeSignature((d.env.module.tags[tag] as { type: number }).type).params;
}

/** The landing pad of a label; its clauses follow. */
function beginPad(d: Draft, label: Label, clauses: readonly PadClause[]): void {
  d.stack.truncate(label.height);
  const slot = d.stack.offsetAt(label.height);
  d.reserve(label.height, ['exnref']);
  d.liveTop = slot;
  d.pending = 0;
  d.begin(d.arm(padKey(clauses), () => padArm(clauses)));
  d.code.word(slot);
  // Clauses are no instructions of the guest: nothing is counted on the way to their targets.
  d.pending = -1;
}

/** `tag`: -1 for catch_all. */
export function doCatch(d: Draft, tag: number): void {
  const label = d.at(0);
  if (!d.dead) {
    if (label.kind === 'catch') leaveCatch(d, label);
    d.settleAll(label.height);
    d.begin(d.arm(jumpArm.key, () => jumpArm));
    d.writeForward(label);
  }
  d.dead = true;
  if (label.kind === 'try') beginCatches(d, label);
  d.stack.truncate(label.height);
  label.exception = d.stack.push('exnref').off;
  for (const type of tagTypes(d, tag < 0 ? 2 : 0, tag)) d.stack.push(type);
  d.bind([label.caught.shift() as Fixup]);
}

/** At the first clause of a `try`: the pad for all of them. */
function beginCatches(d: Draft, label: Label): void {
  const handler = d.handlers[label.handler] as Handler;
  handler.end = d.code.length;
  handler.pad = d.code.length;
  label.kind = 'catch';
  label.handler = -1;
  d.clauses ??= legacyClauses(d.env.module, d.func);
  const tags = d.clauses.get(label.offset) ?? [];
  const clauses = tags.map((tag) => {
    const kind = tag < 0 ? 3 : 1;
    return { kind, tag: Math.max(0, tag), types: tagTypes(d, kind, tag), below: true };
  });
  beginPad(d, label, clauses);
  for (const _ of tags) {
    d.code.word(d.stack.offsetAt(label.height));
    label.caught.push(d.forward(1));
    d.code.word(0);
    d.code.word(0);
  }
  d.pending = 0;
}

/** Results of a catch block move to where its exception is. */
export function leaveCatch(d: Draft, label: Label): void {
  d.moveResults(label, true);
  d.resetTo(label, label.results);
}

/** The innermost handler whose protected code is open at the last of these labels. */
export function openHandler(labels: readonly Label[]): number {
  return labels.findLast((l) => l.handler >= 0)?.handler ?? -1;
}

export function doThrow(d: Draft, tag: number): void {
  const { type } = d.env.module.tags[tag] as { type: number };
  const { args } = callOperands(d, { params: d.env.typeSignature(type).params, results: [] });
  const exact = d.env.exactSignature(type).params;
  d.begin(d.arm(`throw:${tag}`, () => throwArm(tag, exact)));
  d.code.word(d.pending + 1);
  d.code.word(args);
  d.dead = true;
}

/** Throws the exception in that slot. */
export function throwFrom(d: Draft, slot: number): void {
  d.begin(d.arm(throwRefArm.key, () => throwRefArm));
  d.code.word(d.pending + 1);
  d.code.word(slot);
  d.dead = true;
}
