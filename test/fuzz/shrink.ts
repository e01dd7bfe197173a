/**
 * Makes a failing module smaller by cutting its tree of decisions: parts are left out, emptied, or replaced by one of
 * their own parts. Whatever tree results, the generator makes a valid module of it.
 */
import type { Options } from '../../src/index.ts';
import type { Answer, Failure, Remote, Request } from './remote.ts';
import { type Decisions, noDecisions } from './source.ts';

export interface Failing {
  decisions: Decisions;
  bytes: number[];
  calls: string[];
  /** What differs, in one line or more. */
  what: string;
}

/** The first difference of an answer as a failing module; null when there is none. `from` is what was tried. */
export function failing(answer: Answer | Failure, from: Decisions): Failing | null {
  if ('failure' in answer) return { decisions: from, bytes: [], calls: [], what: answer.failure };
  const [first] = answer.differences;
  if (!first) return null;
  const what = `${first.what}: host ${first.host.slice(0, 300)}; machine ${first.machine.slice(0, 900)}`;
  return { decisions: answer.decisions, bytes: answer.bytes, calls: answer.calls, what };
}

function weight(d: Decisions): number {
  return d.values.length + 1 + d.parts.reduce((n, part) => n + weight(part), 0);
}

function sum(d: Decisions): number {
  return d.values.reduce((a, b) => a + b, 0) + d.parts.reduce((n, part) => n + sum(part), 0);
}

type Path = readonly number[];

function* paths(d: Decisions, at: Path = []): Generator<{ path: Path; node: Decisions }> {
  yield { path: at, node: d };
  for (const [i, part] of d.parts.entries()) yield* paths(part, [...at, i]);
}

/** A copy of the tree in which the node at the path is replaced, or left out for null. */
function replaced(d: Decisions, path: Path, by: Decisions | null): Decisions {
  const [first, ...rest] = path;
  if (first === undefined) return by ?? noDecisions();
  const parts = [...d.parts];
  if (rest.length === 0 && by === null) parts.splice(first, 1);
  else parts[first] = replaced(parts[first] as Decisions, rest, by);
  return { values: d.values, parts };
}

/** Smaller trees to try, the boldest cuts first. */
function* candidates(tree: Decisions): Generator<Decisions> {
  const nodes = [...paths(tree)].map(({ path, node }) => ({ path, node, size: weight(node) }));
  nodes.sort((a, b) => b.size - a.size);
  for (const { path, node } of nodes) {
    if (path.length === 0 || weight(node) === 1) continue;
    yield replaced(tree, path, null);
    yield replaced(tree, path, noDecisions());
    for (const part of node.parts) yield replaced(tree, path, part);
    if (node.parts.length > 0) yield replaced(tree, path, { values: node.values, parts: [] });
  }
  for (const { path, node } of nodes) {
    for (const [i, value] of node.values.entries()) {
      for (const less of new Set([0, value >> 1, value - 1])) {
        if (less >= 0 && less < value) yield replaced(tree, path, { ...node, values: node.values.with(i, less) });
      }
    }
  }
}

/** Shrinks for at most so many seconds, by trials in the remote process. */
export async function shrink(
  first: Failing,
  request: { size: Request['size']; options: Partial<Options> },
  remote: Remote,
  seconds: number,
): Promise<{ best: Failing; tried: number }> {
  const end = performance.now() + seconds * 1000;
  let best = first;
  let tried = 0;
  const key = (f: Failing) => [weight(f.decisions), sum(f.decisions)] as const;
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of candidates(best.decisions)) {
      if (performance.now() > end) return { best, tried };
      tried++;
      const answer = await remote.trial({ from: candidate, size: request.size, options: [request.options] });
      const now = failing(answer, candidate);
      if (!now) continue;
      const [a, b] = [key(now), key(best)];
      if (a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1])) continue;
      best = now;
      progress = true;
      break;
    }
  }
  return { best, tried };
}
