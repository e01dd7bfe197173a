/**
 * Memory accesses: reads and writes of each instruction, the strides between its addresses, and how much memory the guest
 * touches. Bulk instructions count with the bytes that they move.
 */
import { count, percent, table } from '../../cli/text.ts';
import type { Site } from '../../instrument/events.ts';
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

/** What was seen of one instruction in one direction. */
class Seen {
  readonly site: Site;
  readonly memory: number;
  readonly reads: boolean;
  readonly writes: boolean;
  times = 0;
  bytes = 0;
  least = Number.POSITIVE_INFINITY;
  most = -1;
  readonly strides = new Map<number, number>();
  other = 0;
  private last = -1;
  /** Stride in progress, and how often in a row. */
  private stride = 0;
  private run = 0;

  constructor(site: Site, memory: number, reads: boolean, writes: boolean) {
    this.site = site;
    this.memory = memory;
    this.reads = reads;
    this.writes = writes;
  }

  access(address: number, bytes: number): void {
    this.times++;
    this.bytes += bytes;
    if (bytes > 0) {
      if (address < this.least) this.least = address;
      if (address + bytes - 1 > this.most) this.most = address + bytes - 1;
    }
    if (this.last >= 0) {
      const stride = address - this.last;
      if (stride !== this.stride) {
        this.settle();
        this.stride = stride;
      }
      this.run++;
    }
    this.last = address;
  }

  /** Counts the strides in a row. */
  settle(): void {
    if (this.run === 0) return;
    const known = this.strides.get(this.stride);
    if (known !== undefined || this.strides.size < STRIDES) this.strides.set(this.stride, (known ?? 0) + this.run);
    else this.other += this.run;
    this.run = 0;
  }
}

/** The lines of a memory that were touched. */
class Footprint {
  private lines = new Uint8Array(1024);

  touch(from: number, bytes: number): void {
    const last = Math.floor((from + bytes - 1) / LINE);
    for (let line = Math.floor(from / LINE); line <= last; line++) {
      if (line >= this.lines.length) {
        const grown = new Uint8Array(Math.max(2 * this.lines.length, last + 1));
        grown.set(this.lines);
        this.lines = grown;
      }
      this.lines[line] = 1;
    }
  }

  counts(): { lines: number; pages: number } {
    let lines = 0;
    const pages = new Set<number>();
    this.lines.forEach((touched, line) => {
      if (!touched) return;
      lines++;
      pages.add(Math.floor((line * LINE) / PAGE));
    });
    return { lines, pages: pages.size };
  }
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
    /** By site; of memory.copy the second is what it reads. */
    const seen: (readonly Seen[])[] = [];
    const footprints: Footprint[] = [];
    const footprint = (memory: number) => (footprints[memory] ??= new Footprint());
    const open = (site: Site): readonly Seen[] => {
      if (site.op === 'memory.copy') return [new Seen(site, site.a, false, true), new Seen(site, site.b, true, false)];
      if (BULK.has(site.op)) return [new Seen(site, site.op === 'memory.init' ? site.b : site.a, false, true)];
      const { reads, writes } = direction(opByName(site.op));
      return [new Seen(site, site.memory, reads, writes)];
    };
    /** Bytes of a plain access by site; 0 for bulk instructions, which say themselves. */
    const widths: number[] = [];
    return {
      instruction(body: BodyReader) {
        if (accesses(body.op)) return { operands: [0], after: true };
        return BULK.has(body.op.name) ? { operands: [0, 1, 2], after: true } : null;
      },
      event(site, event) {
        let list = seen[site.id];
        if (!list) {
          list = open(site);
          seen[site.id] = list;
          widths[site.id] = BULK.has(site.op) ? 0 : (opByName(site.op).bytes ?? 0);
        }
        const width = widths[site.id] as number;
        if (width > 0) {
          const s = list[0] as Seen;
          const address = event.number(0) + site.staticOffset;
          s.access(address, width);
          footprint(s.memory).touch(address, width);
          return;
        }
        const bytes = event.number(2);
        list.forEach((s, i) => {
          const address = event.number(i);
          s.access(address, bytes);
          if (bytes > 0) footprint(s.memory).touch(address, bytes);
        });
      },
      result() {
        const list = seen.flat().map((s): Access => {
          s.settle();
          const { func, offset, op } = s.site;
          const strides = [...s.strides].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([k, n]) => [String(k), n]);
          return {
            func,
            offset,
            place: guest.place(func, offset),
            op,
            memory: s.memory,
            reads: s.reads ? s.times : 0,
            writes: s.writes ? s.times : 0,
            bytes: s.bytes,
            least: s.most < 0 ? 0 : s.least,
            most: Math.max(0, s.most),
            strides: {
              ...(Object.fromEntries(strides) as Record<string, number>),
              ...(s.other > 0 ? { other: s.other } : {}),
            },
          };
        });
        const sum = (f: (a: Access) => number) => list.reduce((n, a) => n + f(a), 0);
        const touched = footprints.map((f) => f.counts());
        return {
          reads: sum((a) => a.reads),
          writes: sum((a) => a.writes),
          bytesRead: sum((a) => (a.reads > 0 ? a.bytes : 0)),
          bytesWritten: sum((a) => (a.writes > 0 ? a.bytes : 0)),
          lines: touched.reduce((n, t) => n + t.lines, 0),
          pages: touched.reduce((n, t) => n + t.pages, 0),
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
