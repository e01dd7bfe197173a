/**
 * Profiles of the host (`--cpu-prof`, the inspector) as the guests alone would give them: functions by name and by the byte
 * offset of their body, which is all that the host says of a function of Wasm.
 *
 *     sum [wasm://wasm/guest-1, 812]                            sum [wasm://wasm/guest-1, 402]
 *       wynamo.enter0, wynamo.drive, wynamo.run          ->       (their time is that of `sum`)
 *         T4 sum+0x1b2                                            (the same)
 *         T5 add+0x98                                             add [wasm://wasm/guest-1, 360]
 *     sum [wasm://wasm/wynamo.rest0_912-7, 71]           ->     sum [wasm://wasm/guest-2, 402]
 *
 * An interpreter is one function for all of the guest's, so its time goes to the function through which it was entered; that
 * of a fragment goes to the function in which the fragment begins, whatever it has inlined. Functions that were added to the
 * guest's module count for who called them. JavaScript of the machine, which translates and compiles, stays what it is.
 */
import { continuationOf } from '../osr/continuation.ts';
import { originalOffset } from '../osr/probed.ts';
import type { GuestCode, GuestFunction } from './guest-codes.ts';

interface CallFrame {
  functionName: string;
  scriptId: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

export interface ProfileNode {
  id: number;
  callFrame: CallFrame;
  hitCount?: number;
  children?: number[];
  positionTicks?: { line: number; ticks: number }[];
}

/** What V8 writes; https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile */
export interface CpuProfile {
  nodes: ProfileNode[];
  samples?: number[];
}

const WASM = 'wasm://wasm/';
const MACHINE = /^wynamo\.(?:run|record|drive|exit|ask|enter\d+)$/;
const FRAGMENT = /^T\d+ (.*)\+0x[0-9a-f]+$/;

/** The guest that is on the stack above, and how it got there. */
interface Inside {
  readonly guest: GuestCode;
  /** Where the host has the guest's module. */
  readonly url: string;
  readonly scriptId: string;
  /** The function on top. */
  readonly func: GuestFunction | null;
  /** Behind it come frames of a machine alone. */
  readonly machine: boolean;
}

/** Answers what a frame is. */
class Reader {
  private readonly codes: readonly GuestCode[];
  private readonly scripts = new Map<string, string>();
  private readonly named = new Map<GuestCode, Map<string, GuestFunction>>();

  constructor(codes: readonly GuestCode[], nodes: readonly ProfileNode[]) {
    this.codes = codes;
    for (const { callFrame } of nodes) if (callFrame.url) this.scripts.set(callFrame.url, callFrame.scriptId);
  }

  /** By the names that fragments and rests of functions have. Of functions with one name the first. */
  private find(guest: GuestCode, name: string): GuestFunction | null {
    let all = this.named.get(guest);
    if (!all) {
      all = new Map();
      for (const [i, func] of guest.functions.entries()) {
        const index = guest.imported + i;
        for (const text of func.name === null ? [`f${index}`, `wasm-function[${index}]`] : [func.name])
          if (!all.has(text)) all.set(text, func);
      }
      this.named.set(guest, all);
    }
    return all.get(name) ?? null;
  }

  /** True for a frame in a module that a guest's own functions were written into. */
  isProbed({ url }: CallFrame): boolean {
    return this.codes.some((guest) => guest.url === url);
  }

  /** A module's own frame: the guest, and its function there. */
  module({ url, functionName, columnNumber, scriptId }: CallFrame): Inside | null {
    const rest = continuationOf(url.slice(WASM.length));
    for (const guest of this.codes) {
      let func: GuestFunction | null | undefined;
      if (rest) func = guest.url !== null && guest.bytes === rest.bytes ? this.find(guest, functionName) : null;
      else if (guest.url === url && guest.origin) {
        const start = originalOffset(guest.origin, columnNumber);
        func = guest.functions.find((f) => f.start === start);
      } else if (guest.url === null && isNamed(url, guest.module))
        func = guest.functions.find((f) => f.stub === columnNumber && f.shown === functionName);
      if (!func) continue;
      const at = guest.url ?? url;
      return { guest, url: at, scriptId: this.scripts.get(at) ?? scriptId, func, machine: false };
    }
    return null;
  }

  /** A fragment in the machine that the guest is in. */
  fragment(name: string, inside: Inside): Inside | null {
    const func = this.find(inside.guest, name);
    return func && { ...inside, func, machine: false };
  }
}

/** True for an address that the host gives modules of that name: `wasm://wasm/name-1a2b3c4d`, without one `wasm://wasm/1a2b3c4d`. */
function isNamed(url: string, name: string | null): boolean {
  return url.startsWith(`${WASM}${name === null ? '' : `${name}-`}`);
}

function frameOf({ url, scriptId, func }: Inside, frame: CallFrame): CallFrame {
  if (!func) return frame;
  return { ...frame, functionName: func.shown, url, scriptId, columnNumber: func.start };
}

/** The new tree; nodes keep their numbers where they stay. */
class Tree {
  readonly nodes: ProfileNode[] = [];
  /** Where what counted for a node counts now. */
  readonly ids = new Map<number, number>();
  private readonly children = new Map<ProfileNode, Map<string, ProfileNode>>();

  /** The node of that frame under `parent`, which has one for each. */
  child(parent: ProfileNode | null, node: ProfileNode, callFrame: CallFrame): ProfileNode {
    const { functionName, scriptId, url, lineNumber, columnNumber } = callFrame;
    const key = JSON.stringify([functionName, scriptId, url, lineNumber, columnNumber]);
    const known = parent ? this.children.get(parent)?.get(key) : undefined;
    if (known) return known;
    const made: ProfileNode = { ...node, callFrame, hitCount: 0 };
    delete made.children;
    delete made.positionTicks;
    this.nodes.push(made);
    this.children.set(made, new Map());
    if (parent) {
      this.children.get(parent)?.set(key, made);
      parent.children ??= [];
      parent.children.push(made.id);
    }
    return made;
  }

  count(node: ProfileNode, into: ProfileNode): void {
    this.ids.set(node.id, into.id);
    into.hitCount = (into.hitCount ?? 0) + (node.hitCount ?? 0);
    for (const { line, ticks } of node.positionTicks ?? []) {
      into.positionTicks ??= [];
      const at = into.positionTicks.find((p) => p.line === line);
      if (at) at.ticks += ticks;
      else into.positionTicks.push({ line, ticks });
    }
  }
}

/** The profile with the guests' functions; the one given stays. */
export function guestProfile<P extends CpuProfile>(profile: P, codes: readonly GuestCode[]): P {
  const reader = new Reader(codes, profile.nodes);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const tree = new Tree();
  const under = new Set(profile.nodes.flatMap((node) => node.children ?? []));
  const roots = profile.nodes.filter((node) => !under.has(node.id));
  const open: { node: ProfileNode; parent: ProfileNode | null; inside: Inside | null }[] = [];
  for (const node of roots.reverse()) open.push({ node, parent: null, inside: null });
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, parent } = next;
    const frame = node.callFrame;
    let { inside } = next;
    let into: ProfileNode;
    if (!frame.url.startsWith(WASM)) {
      inside = null;
      into = tree.child(parent, node, frame);
    } else if (parent && MACHINE.test(frame.functionName)) {
      if (inside) inside = { ...inside, machine: true };
      into = parent;
    } else {
      const name = FRAGMENT.exec(frame.functionName)?.[1];
      const found = name !== undefined && inside ? reader.fragment(name, inside) : reader.module(frame);
      // A fragment right above the stub of its function is that activation.
      const same = found && inside?.machine && inside.func === found.func && name !== undefined;
      const added = !found && reader.isProbed(frame);
      into = parent && (same || added) ? parent : tree.child(parent, node, found ? frameOf(found, frame) : frame);
      inside = added ? inside : found;
    }
    tree.count(node, into);
    for (const id of (node.children ?? []).toReversed()) {
      const child = byId.get(id);
      if (child) open.push({ node: child, parent: into, inside });
    }
  }
  const samples = profile.samples?.map((id) => tree.ids.get(id) ?? id);
  return { ...profile, nodes: tree.nodes, ...(samples ? { samples } : {}) };
}
