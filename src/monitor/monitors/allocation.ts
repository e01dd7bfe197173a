/**
 * Allocation: growth of memories and tables, and calls of the guest's allocator where its functions have the usual names
 * (`malloc`, `free`, AssemblyScript's `__new`, Rust's `__rust_alloc`), with the sizes that were asked for.
 */
import { count, table } from '../../cli/text.ts';
import { defineMonitor } from '../monitor.ts';

export interface Growth {
  func: number;
  offset: number;
  place: string;
  op: string;
  /** Pages or elements asked for, and what it was before: -1 where it was refused. */
  by: number;
  before: number;
}

export interface Allocator {
  func: number;
  name: string;
  calls: number;
  /** Sum, least and greatest of the sizes asked for; null for functions that release. */
  bytes: { total: number; least: number; most: number } | null;
  /** Calls by the power of two at or below the size. */
  histogram: Record<string, number>;
}

export interface Allocation {
  growth: Growth[];
  allocators: Allocator[];
}

/** Names of allocating functions, with the parameters whose product is the size. */
const ALLOCATE: readonly [RegExp, readonly number[]][] = [
  [/^(__|dl)?malloc$/, [0]],
  [/^(__|dl)?calloc$/, [0, 1]],
  [/^(__|dl)?realloc$/, [1]],
  [/^(posix_)?memalign$|^aligned_alloc$/, [1]],
  [/(^|\/)__(new|alloc)$/, [0]],
  [/(^|\/)__renew$/, [1]],
  [/__rust_alloc(_zeroed)?$/, [0]],
];
const RELEASE = /^(__|dl)?free$|(^|\/)__(free|delete)$|__rust_dealloc$/;

export const monitor = defineMonitor<Allocation>({
  name: 'allocation',
  doc: 'growth of memories and tables, and calls of the allocator with their sizes',
  counts: false,
  start(guest) {
    const growth: Growth[] = [];
    const allocators = new Map<number, Allocator>();
    const sizes = (func: number) => ALLOCATE.find(([name]) => name.test(guest.name(func)))?.[1] ?? null;
    return {
      entries: (func) => sizes(func) !== null || RELEASE.test(guest.name(func)),
      instruction(body) {
        if (body.op.name === 'memory.grow') return { operands: [0], result: true };
        // The element that fills a table may be a reference.
        return body.op.name === 'table.grow' ? { operands: [1], result: true } : null;
      },
      event(site, event) {
        if (site.kind !== 'entry') {
          const { func, offset, op } = site;
          const before = Number(event.value(1));
          growth.push({ func, offset, place: guest.place(func, offset), op, by: event.number(0), before });
          return;
        }
        const factors = sizes(site.func);
        let a = allocators.get(site.func);
        if (!a) {
          const bytes = factors && { total: 0, least: Infinity, most: 0 };
          a = { func: site.func, name: guest.name(site.func), calls: 0, bytes, histogram: {} };
          allocators.set(site.func, a);
        }
        a.calls++;
        if (!factors || !a.bytes) return;
        const n = factors.reduce((product, i) => product * event.number(i), 1);
        a.bytes.total += n;
        a.bytes.least = Math.min(a.bytes.least, n);
        a.bytes.most = Math.max(a.bytes.most, n);
        const key = String(n === 0 ? 0 : 2 ** Math.floor(Math.log2(n)));
        a.histogram[key] = (a.histogram[key] ?? 0) + 1;
      },
      result: () => ({ growth, allocators: [...allocators.values()].sort((x, y) => y.calls - x.calls) }),
      text(r, top) {
        const grown = r.growth
          .slice(0, top)
          .map((g) => [g.place, g.op, count(g.by), g.before < 0 ? 'refused' : count(g.before)]);
        const called = r.allocators
          .slice(0, top)
          .map((a) => [
            a.name,
            count(a.calls),
            a.bytes ? count(a.bytes.total) : '',
            a.bytes ? count(a.bytes.least) : '',
            a.bytes ? count(a.bytes.most) : '',
          ]);
        const parts = [
          grown.length > 0 ? table(['growth', 'instruction', '>by', '>from'], grown) : 'nothing grew',
          called.length > 0
            ? table(['allocator', '>calls', '>bytes', '>least', '>most'], called)
            : 'no allocator is known',
        ];
        return parts.join('\n\n');
      },
    };
  },
});
