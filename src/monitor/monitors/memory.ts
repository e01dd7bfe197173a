/**
 * Memory accesses: reads and writes of each instruction, the strides between its addresses, and how much memory the guest
 * touches. Bulk instructions count with the bytes that they move.
 */
import { count, percent, table } from '../../cli/text.ts';
import type { BodyReader } from '../../wasm/body.ts';
import { opByName } from '../../wasm/opcodes.ts';
import type { OpRow } from '../../wasm/row.ts';
import { defineMonitor } from '../monitor.ts';

/** Bytes of a cache line; the footprint is counted in these and in pages of 64 KiB. */
const LINE = 64;
const PAGE = 65536;
/** Different strides that are told apart at one instruction; others count as `other`. */
const STRIDES = 16;

export interface Access {
  func: number;
  offset: number;
  place: string;
  op: string;
  memory: number;
  reads: number;
  writes: number;
  bytes: number;
  least: number;
  most: number;
  /** Times by distance from the address before, in bytes. */
  strides: Record<string, number>;
}

export interface MemoryResult {
  reads: number;
  writes: number;
  bytesRead: number;
  bytesWritten: number;
  /** Lines of 64 bytes and pages of 64 KiB that were touched, over all memories. */
  lines: number;
  pages: number;
  accesses: Access[];
}

interface Seen extends Omit<Access, 'strides' | 'place'> {
  last: number;
  strides: Map<number, number>;
  other: number;
}

const BULK = new Set(['memory.copy', 'memory.fill', 'memory.init']);

/** Reads and writes of an accessing instruction: an atomic operation does both. */
function direction(row: OpRow): { reads: boolean; writes: boolean } {
  if (row.effect === 'load') return { reads: true, writes: false };
  if (row.effect === 'store') return { reads: false, writes: true };
  const store = row.name.includes('store');
  return { reads: !store, writes: store || row.name.includes('rmw') };
}

const accesses = (row: OpRow) =>
  row.effect === 'load' ||
  row.effect === 'store' ||
  (row.effect === 'atomic' && row.bytes !== undefined && !/notify|wait/.test(row.name));

export const monitor = defineMonitor<MemoryResult>({
  name: 'memory',
  doc: 'reads, writes, strides and footprint of memory accesses',
  counts: false,
  start(guest) {
    const seen = new Map<number, Seen>();
    const lines = new Set<number>();
    const touch = (memory: number, from: number, bytes: number) => {
      const base = memory * 2 ** 42;
      for (let line = Math.floor(from / LINE); line * LINE < from + bytes; line++) lines.add(base + line);
    };
    const at = (site: { func: number; offset: number; op: string }, memory: number, key: number) => {
      let s = seen.get(key);
      if (!s) {
        const { func, offset, op } = site;
        s = {
          func,
          offset,
          op,
          memory,
          reads: 0,
          writes: 0,
          bytes: 0,
          least: Infinity,
          most: -1,
          last: -1,
          strides: new Map(),
          other: 0,
        };
        seen.set(key, s);
      }
      return s;
    };
    const access = (s: Seen, address: number, bytes: number, reads: boolean, writes: boolean) => {
      if (reads) s.reads++;
      if (writes) s.writes++;
      s.bytes += bytes;
      if (bytes > 0) {
        s.least = Math.min(s.least, address);
        s.most = Math.max(s.most, address + bytes - 1);
        touch(s.memory, address, bytes);
      }
      if (s.last >= 0) {
        const stride = address - s.last;
        const known = s.strides.get(stride);
        if (known !== undefined || s.strides.size < STRIDES) s.strides.set(stride, (known ?? 0) + 1);
        else s.other++;
      }
      s.last = address;
    };
    return {
      instruction(body: BodyReader) {
        if (accesses(body.op)) return { operands: [0], after: true };
        return BULK.has(body.op.name) ? { operands: [0, 1, 2], after: true } : null;
      },
      event(site, event) {
        const row = opByName(site.op);
        if (BULK.has(site.op)) {
          const [to, from, n] = [event.number(0), event.number(1), event.number(2)];
          const writes = at(site, site.op === 'memory.init' ? site.b : site.a, 2 * site.offset);
          access(writes, to, n, false, true);
          if (site.op === 'memory.copy') access(at(site, site.b, 2 * site.offset + 1), from, n, true, false);
          return;
        }
        const { reads, writes } = direction(row);
        access(
          at(site, site.memory, 2 * site.offset),
          event.number(0) + site.staticOffset,
          row.bytes ?? 0,
          reads,
          writes,
        );
      },
      result() {
        const list = [...seen.values()].map(
          ({ last, strides, other, ...rest }): Access => ({
            ...rest,
            least: rest.most < 0 ? 0 : rest.least,
            most: Math.max(0, rest.most),
            place: guest.place(rest.func, rest.offset),
            strides: {
              ...Object.fromEntries(
                [...strides].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([k, n]) => [String(k), n]),
              ),
              ...(other > 0 ? { other } : {}),
            },
          }),
        );
        const sum = (f: (a: Access) => number) => list.reduce((n, a) => n + f(a), 0);
        const perPage = PAGE / LINE;
        return {
          reads: sum((a) => a.reads),
          writes: sum((a) => a.writes),
          bytesRead: sum((a) => (a.reads > 0 ? a.bytes : 0)),
          bytesWritten: sum((a) => (a.writes > 0 ? a.bytes : 0)),
          lines: lines.size,
          pages: new Set([...lines].map((line) => Math.floor(line / perPage))).size,
          accesses: list.sort((a, b) => b.reads + b.writes - a.reads - a.writes || a.offset - b.offset),
        };
      },
      text(r, top) {
        const head = `${count(r.reads)} reads of ${count(r.bytesRead)} bytes, ${count(r.writes)} writes of ${count(r.bytesWritten)} bytes; touched ${count(r.lines)} lines of ${LINE} bytes in ${count(r.pages)} pages`;
        const rows = r.accesses.slice(0, top).map((a) => {
          const [stride = '', n = 0] = Object.entries(a.strides).sort((x, y) => y[1] - x[1])[0] ?? [];
          const times = a.reads + a.writes;
          return [
            a.place,
            a.op,
            count(Math.max(a.reads, a.writes)),
            count(a.bytes),
            stride,
            `${percent(n, times - 1) || '0.0'} %`,
          ];
        });
        return `${head}\n${table(['access', 'instruction', '>times', '>bytes', '>stride', '>share'], rows)}`;
      },
    };
  },
});
