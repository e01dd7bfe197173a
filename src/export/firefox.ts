/**
 * The Firefox Profiler's processed format (https://github.com/firefox-devtools/profiler, docs-developer/processed-profile-format.md),
 * version 48 of the format, which newer profilers upgrade. Tables are columns; a stack is a prefix and a frame. A sample is a
 * context whose weight is its instructions.
 */
import type { ContextNode } from '../monitor/monitors/contexts.ts';
import type { CountsExporter } from './exporter.ts';

export const exporter: CountsExporter = {
  name: 'firefox',
  doc: 'Firefox Profiler, processed format; samples weighted by instructions',
  extension: 'firefox.json',
  from: 'counts',
  write({ contexts, source }, { path, version }) {
    const stringArray: string[] = [];
    const strings = new Map<string, number>();
    const text = (s: string) => {
      let i = strings.get(s);
      if (i === undefined) {
        i = stringArray.push(s) - 1;
        strings.set(s, i);
      }
      return i;
    };
    const resource = text(path);
    const functions = new Map<number, number>();
    const names: number[] = [];
    const columns: number[] = [];
    const lines: (number | null)[] = [];
    const files: number[] = [];
    const prefixes: (number | null)[] = [];
    const frames: number[] = [];
    const stacks: number[] = [];
    const weights: number[] = [];
    const visit = (node: ContextNode, prefix: number | null) => {
      let func = functions.get(node.func);
      if (func === undefined) {
        func = names.push(text(node.name)) - 1;
        // Without a source, columns are byte offsets in the module.
        const place = source?.ofFunction(node.func);
        columns.push(place?.column ?? node.offset);
        lines.push(place?.line ?? null);
        files.push(place ? text(place.file) : resource);
        functions.set(node.func, func);
      }
      prefixes.push(prefix);
      const stack = frames.push(func) - 1;
      if (node.self > 0) {
        stacks.push(stack);
        weights.push(node.self);
      }
      for (const child of node.children) visit(child, stack);
    };
    for (const node of contexts) visit(node, null);
    const all = <T>(n: number, value: T): T[] => new Array<T>(n).fill(value);
    const f = names.length;
    const time = weights.map((_, i) => i);
    const categories = [
      { name: 'Other', color: 'grey', subcategories: ['Other'] },
      { name: 'WebAssembly', color: 'blue', subcategories: ['Other'] },
    ];
    const thread = {
      processType: 'default',
      processStartupTime: 0,
      processShutdownTime: null,
      registerTime: 0,
      unregisterTime: null,
      pausedRanges: [],
      name: path,
      isMainThread: true,
      pid: '1',
      tid: 1,
      samples: { weightType: 'samples', weight: weights, stack: stacks, time, length: stacks.length },
      markers: { data: [], name: [], startTime: [], endTime: [], phase: [], category: [], length: 0 },
      stackTable: {
        frame: frames,
        prefix: prefixes,
        category: all(frames.length, 1),
        subcategory: all(frames.length, 0),
        length: frames.length,
      },
      frameTable: {
        address: all(f, -1),
        inlineDepth: all(f, 0),
        category: all(f, 1),
        subcategory: all(f, 0),
        func: names.map((_, i) => i),
        nativeSymbol: all(f, null),
        innerWindowID: all(f, 0),
        implementation: all(f, null),
        line: lines,
        column: columns,
        length: f,
      },
      funcTable: {
        isJS: all(f, false),
        relevantForJS: all(f, false),
        name: names,
        resource: all(f, 0),
        fileName: files,
        lineNumber: lines,
        columnNumber: columns,
        length: f,
      },
      resourceTable: { lib: [null], name: [resource], host: [null], type: [0], length: 1 },
      nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
      stringArray,
    };
    const meta = {
      interval: 1,
      startTime: 0,
      processType: 0,
      product: `wynamo ${version}`,
      version: 24,
      preprocessedProfileVersion: 48,
      stackwalk: 1,
      debug: false,
      categories,
      markerSchema: [],
      symbolicated: true,
      sampleUnits: { time: 'ms', eventDelay: 'ms', threadCPUDelta: 'ns' },
    };
    return { '': JSON.stringify({ meta, libs: [], pages: [], counters: [], threads: [thread] }) };
  },
};
