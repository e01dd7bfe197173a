/**
 * Where a guard that is hoisted out of a loop leaves to. In front of the region's own loop, when the entry block has
 * changed nothing, that is the state of entry: the interpreter goes on behind the loop head and so makes progress. In
 * front of other loops it is the state of the loop's `strip.check`, with the phis replaced by what they are on entry.
 */
import type { Loop } from '../ir/dom.ts';
import { type Block, type Ins, mapSnapshot, type Region, type Snapshot } from '../ir/ir.ts';
import { effectOf } from '../ir/ops.ts';
import { cloneSnapshot } from './edit.ts';

/** True for instructions after which the state of entry is gone. */
export function changesState(ins: Ins): boolean {
  switch (effectOf(ins)) {
    case 'pure':
    case 'trap':
    case 'load':
    case 'size':
    case 'global.get':
    case 'table.get':
    case 'guard':
    case 'limit':
    case 'count':
    case 'heap.get':
      return false;
    default:
      return true;
  }
}

/** What a phi of the loop's header is when control comes from the preheader; other values are themselves. */
export function onEntry(loop: Loop): (value: Ins) => Ins {
  const i = loop.header.preds.indexOf(loop.preheader!);
  return (v) => (v.op === 'phi' && v.block === loop.header ? v.args[i]! : v);
}

/** Exits in front of a loop. */
export class LoopEntry {
  readonly #region: Region;
  readonly #loop: Loop;
  readonly #state: Snapshot | null;
  readonly #substitute: boolean;
  readonly preheader: Block;

  constructor(region: Region, loop: Loop) {
    this.#region = region;
    this.#loop = loop;
    this.preheader = loop.preheader!;
    const root = this.preheader === region.blocks[0] && !this.preheader.body.some(changesState);
    this.#substitute = !root;
    this.#state = root ? region.entry : (loop.header.body.find((ins) => ins.op === 'strip.check')?.snap ?? null);
  }

  /** True when guards can stand in front of the loop. */
  get possible(): boolean {
    return this.#state !== null;
  }

  /** A new exit at the end of the preheader, for the reason of `like`. */
  exit(reason: Snapshot['reason']): Snapshot {
    const snap = cloneSnapshot(this.#region, this.#state!, { reason });
    if (this.#substitute) mapSnapshot(snap, onEntry(this.#loop));
    return snap;
  }
}
