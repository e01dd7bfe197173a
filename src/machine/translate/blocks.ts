/** Blocks, and what is at their ends. */
import { opensBlock } from '../../wasm/row.ts';
import { headArm, jumpArm } from '../arms/control.ts';
import type { Handler } from '../handlers.ts';
import type { Label } from '../labels.ts';
import { beginBranch, takeCondition } from './branches.ts';
import type { Draft } from './draft.ts';
import { doCatch, endProtected, leaveCatch, openHandler } from './exceptions.ts';
import { emitReturn } from './returns.ts';

export function openBlock(d: Draft, kind: 'block' | 'loop'): void {
  d.settleAll();
  const sig = d.blockSignature();
  const label = d.label(kind, sig.params, sig.results, d.guest);
  if (kind === 'loop') {
    d.pending++;
    label.head = d.code.length;
    label.headCount = d.pending;
    d.loops.push({ word: label.head, offset: d.guest });
    d.begin(d.arm(headArm.key, () => headArm));
    d.code.word(d.pending);
    d.code.word(0);
    d.code.word(0);
    d.code.word(d.env.headTrigger);
    d.code.word(0);
    d.pending = -1;
  }
  d.last = null;
}

export function openIf(d: Draft): void {
  const sig = d.blockSignature();
  const cond = d.stack.pop();
  const fused = takeCondition(d, cond);
  const operands = fused ? fused.operands : [d.source(cond)];
  // Operands are settled before the comparison: it must not be torn from its branch.
  d.settleAll();
  beginBranch(d, fused ? fused.cond : { row: null, form: 'r' }, false);
  for (const w of operands) d.code.word(w);
  const label = d.label('if', sig.params, sig.results, d.guest);
  label.elseFixup = d.forward(1);
  d.code.word(0);
  d.code.word(0);
  d.last = null;
}

export function doElse(d: Draft): void {
  const label = d.at(0);
  if (!d.dead) {
    d.settleAll(label.height);
    d.begin(d.arm(jumpArm.key, () => jumpArm));
    d.writeForward(label);
  }
  d.dead = true;
  const fixup = label.elseFixup;
  label.elseFixup = null;
  label.kind = 'else';
  if (fixup) {
    d.bind([fixup]);
    d.resetTo(label, label.params);
  }
}

export function doEnd(d: Draft): void {
  const label = d.labels.pop() as Label;
  const fixups = label.fixups;
  if (!d.dead && label.kind === 'catch') leaveCatch(d, label);
  if (!d.dead) d.settleAll(label.height);
  if (label.handler >= 0) endProtected(d, label);
  if (label.elseFixup) fixups.push(label.elseFixup);
  d.bind(fixups);
  d.resetTo(label, d.dead ? [] : label.results);
  if (d.dead) return;
  if (label.kind === 'func') {
    d.liveTop = d.stack.top;
    emitReturn(d);
  }
}

export function doDelegate(d: Draft, depth: number): void {
  const label = d.at(0);
  const handler = d.handlers[label.handler] as Handler;
  handler.end = d.code.length;
  handler.delegate = openHandler(d.labels.slice(0, d.labels.length - 1 - depth));
  label.handler = -1;
  label.kind = 'block';
  doEnd(d);
}

/** Unreachable code is not translated, only its block structure followed. */
export function skip(d: Draft, name: string): void {
  if (opensBlock(d.body.op)) d.nested++;
  else if (name === 'end' || name === 'delegate') {
    if (d.nested > 0) d.nested--;
    else reviveAt(d, name);
  } else if (d.nested === 0 && (name === 'else' || name === 'catch' || name === 'catch_all')) reviveAt(d, name);
}

/** Code may be reachable again behind this instruction. */
function reviveAt(d: Draft, what: 'end' | 'else' | 'catch' | 'catch_all' | 'delegate'): void {
  d.liveTop = d.stack.offsetAt(Math.min(d.at(0).height, d.stack.height));
  if (what === 'else') doElse(d);
  else if (what === 'end') doEnd(d);
  else if (what === 'delegate') doDelegate(d, d.body.a);
  else doCatch(d, what === 'catch' ? d.body.a : -1);
  if (!d.dead) d.pending++;
}
