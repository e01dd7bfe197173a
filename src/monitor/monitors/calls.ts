/**
 * Calls: the call graph with exact counts. Direct calls follow from the executions of call sites. For an indirect call, its
 * event is followed by the entry of the function that it reached; where none follows before it returns, that was a
 * function of somebody else.
 */
import { count, table } from '../../cli/text.ts';
import type { Site } from '../../instrument/events.ts';
import { BodyReader } from '../../wasm/body.ts';
import { isReference } from '../../wasm/hierarchy.ts';
import type { WasmModule } from '../../wasm/module.ts';
import { scan } from '../../wasm/scan.ts';
import { defineMonitor } from '../monitor.ts';

export interface CallEdge {
  caller: number;
  /** Byte offset of the call. */
  offset: number;
  /** Index of the function called, or -1 for one of somebody else. */
  callee: number;
  kind: 'direct' | 'indirect' | 'import';
  count: number;
  callerName: string;
  calleeName: string;
}

const INDIRECT = new Set(['call_indirect', 'call_ref', 'return_call_indirect', 'return_call_ref']);
const DIRECT = new Set(['call', 'return_call']);

/** The functions to which there can be references; all where expressions or the host may make them. */
function referenced(module: WasmModule): (func: number) => boolean {
  const open = module.elements.some((e) => e.funcs === null) || module.globals.some((g) => isReference(g.type));
  if (open) return () => true;
  const funcs = new Set([...scan(module).refFuncs, ...module.elements.flatMap((e) => e.funcs ?? [])]);
  const shared = module.tables.some((t) => t.imported) || module.exports.some((e) => e.kind === 'table');
  if (shared) for (const e of module.exports) if (e.kind === 'func') funcs.add(e.index);
  return (func) => funcs.has(func);
}

export const monitor = defineMonitor<CallEdge[]>({
  name: 'calls',
  doc: 'the call graph: who called whom from where, indirect calls by their targets',
  counts: true,
  start(guest) {
    const { module } = guest;
    const { ops } = scan(module);
    const indirect = [...INDIRECT].some((name) => ops.has(name));
    /** Times by call site and target. */
    const reached = new Map<number, Map<number, number>>();
    let pending: { func: number; offset: number } | null = null;
    const reach = (callee: number) => {
      if (!pending) return;
      const targets = reached.get(pending.offset) ?? new Map<number, number>();
      reached.set(pending.offset, targets);
      targets.set(callee, (targets.get(callee) ?? 0) + 1);
      pending = null;
    };
    return {
      ...(indirect && {
        entries: referenced(module),
        instruction: (body: BodyReader) =>
          INDIRECT.has(body.op.name) ? { around: !body.op.name.startsWith('return') } : null,
        event(site: Site) {
          if (site.kind === 'entry') reach(site.func);
          else if (site.kind === 'behind') reach(-1);
          else pending = site;
        },
      }),
      result(counts) {
        reach(-1);
        const edges: CallEdge[] = [];
        const add = (caller: number, offset: number, callee: number, times: number, kind: CallEdge['kind']) => {
          if (times === 0) return;
          const calleeName = callee < 0 ? '(not of this module)' : guest.name(callee);
          edges.push({ caller, offset, callee, kind, count: times, callerName: guest.name(caller), calleeName });
        };
        for (const f of counts.functions()) {
          const executed = new Map(f.offsets.map((offset, i) => [offset, f.completed[i] as number]));
          const body = new BodyReader(module, f.func);
          while (body.next()) {
            const { offset, op, a } = body;
            if (DIRECT.has(op.name))
              add(f.func, offset, a, executed.get(offset) ?? 0, a < module.importedFunctions ? 'import' : 'direct');
            else if (INDIRECT.has(op.name))
              for (const [callee, n] of reached.get(offset) ?? []) add(f.func, offset, callee, n, 'indirect');
          }
        }
        return edges.sort((a, b) => b.count - a.count || a.offset - b.offset);
      },
      text: (edges, top) =>
        table(
          ['caller', 'callee', 'kind', '>calls'],
          edges.slice(0, top).map((e) => [guest.place(e.caller, e.offset), e.calleeName, e.kind, count(e.count)]),
        ),
    };
  },
});
