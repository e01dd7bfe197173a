/**
 * Exact profiles: what every branch, loop, function and indirect call of a run did, as a file for the selection policy that
 * knows the future (`record/policies/oracle.ts`). A file holds the modules of a program by their digests, because a
 * program may have several.
 *
 *     wynamo profile --exact=crc.exact.json crc.wasm          first run
 *     wynamo run --policy=oracle --exact-profile=crc.exact.json crc.wasm
 */
import { sha256 } from '../builtin.ts';
import { UserError } from '../errors.ts';
import type { Counts } from '../instrument/counts.ts';
import type { CallEdge } from '../monitor/monitors/calls.ts';

/** Places are byte offsets in the module. */
export interface ExactFunction {
  func: number;
  entries: number;
  /** Offset of the `loop`, arrivals at its head. */
  loops: [offset: number, heads: number][];
  /** Taken and not taken, then and else, or the targets of a br_table, the default last. */
  branches: [offset: number, op: string, outcomes: number[]][];
  /** Functions that an indirect call reached; -1: of another module. */
  targets: [offset: number, callee: number, count: number][];
}

export interface ExactModule {
  sha256: string;
  functions: ExactFunction[];
}

interface ExactFile {
  schema: 'wynamo exact profile 1';
  modules: ExactModule[];
}

/** The profile of a module out of exact counts and the results of the monitor `calls`. */
export function exactModule(bytes: Uint8Array, counts: Counts, calls: readonly CallEdge[]): ExactModule {
  const indirect = Map.groupBy(
    calls.filter((edge) => edge.kind === 'indirect'),
    (edge) => edge.caller,
  );
  return {
    sha256: sha256(bytes),
    functions: counts
      .functions()
      .filter((f) => f.entries > 0)
      .map((f) => ({
        func: f.func,
        entries: f.entries,
        loops: f.loops.filter((l) => l.heads > 0).map((l) => [l.offset, l.heads]),
        branches: f.branches.filter((b) => b.outcomes.some((n) => n > 0)).map((b) => [b.offset, b.op, [...b.outcomes]]),
        targets: (indirect.get(f.func) ?? []).map((edge) => [edge.offset, edge.callee, edge.count]),
      })),
  };
}

export function exactText(modules: readonly ExactModule[]): string {
  const file: ExactFile = { schema: 'wynamo exact profile 1', modules: [...modules] };
  return `${JSON.stringify(file)}\n`;
}

/** The profile of these bytes in a file's text; a UserError where it is of another module, or none at all. */
export function readExact(text: string, bytes: Uint8Array, path: string): ExactModule {
  let file: Partial<ExactFile>;
  try {
    file = JSON.parse(text) as Partial<ExactFile>;
  } catch {
    file = {};
  }
  if (file.schema !== 'wynamo exact profile 1' || !Array.isArray(file.modules))
    throw new UserError(`${path} is no exact profile; 'wynamo profile --exact=FILE' writes one`);
  const digest = sha256(bytes);
  const found = file.modules.find((m) => m.sha256 === digest);
  if (!found)
    throw new UserError(
      `${path} is the profile of another module; write one of this with 'wynamo profile --exact=FILE'`,
    );
  return found;
}
