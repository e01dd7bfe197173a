/**
 * Traces as text: one line for each recorded instruction with its guest place. The same text is kept in `traces/`, shown
 * by `wynamo dump --stage=trace` and read back by `parseTrace`.
 *
 *     trace T3 root $sum+0x41 loops
 *     $sum+0x41  head
 *     $sum+0x43  brifn:i32.lt_s:r  -> next
 *     ...
 */

export interface TraceLine {
  readonly func: string;
  /** Byte offset in the guest module. */
  readonly offset: number;
  /** Key of the interpreter arm. */
  readonly arm: string;
  /** `taken` or `next` for branches, the callee for calls. */
  readonly outcome: string;
  /** Frames inlined at this point. */
  readonly depth: number;
}

export interface TraceText {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly loops: boolean;
  readonly lines: TraceLine[];
}

export function printTraceText(trace: TraceText): string {
  const head = `trace T${trace.id} ${trace.kind} $${trace.name}${trace.loops ? ' loops' : ''}`;
  const lines = trace.lines.map((l) => {
    const place = `${'  '.repeat(l.depth)}$${l.func}+0x${l.offset.toString(16)}`;
    return `${place}  ${l.arm}${l.outcome ? `  -> ${l.outcome}` : ''}`;
  });
  return [head, ...lines, ''].join('\n');
}

const HEAD = /^trace T(\d+) (\w+) \$(\S+)( loops)?$/;
const LINE = /^((?: {2})*)\$(\S+)\+0x([0-9a-f]+) {2}(\S+)(?: {2}-> (\S+))?$/;

/** Reads what `printTraceText` wrote. Throws an Error that names the line. */
export function parseTraceText(text: string): TraceText {
  const [first, ...rest] = text.trimEnd().split('\n');
  const head = HEAD.exec(first ?? '');
  if (!head) throw new Error('line 1: a trace begins with `trace T<number> <kind> $<place>`');
  const lines = rest.map((line, i) => {
    const m = LINE.exec(line);
    if (!m) throw new Error(`line ${i + 2}: not an instruction of a trace: ${line}`);
    return {
      depth: (m[1] as string).length / 2,
      func: m[2] as string,
      offset: Number.parseInt(m[3] as string, 16),
      arm: m[4] as string,
      outcome: m[5] ?? '',
    };
  });
  return { id: Number(head[1]), kind: head[2] as string, name: head[3] as string, loops: head[4] !== undefined, lines };
}
