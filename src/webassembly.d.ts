/** The parts of the host's WebAssembly API that the project uses; @types/node declares none of it. */
type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer | SharedArrayBuffer>;
declare namespace WebAssembly {
  type ImportValue = unknown;
  type Imports = Record<string, Record<string, ImportValue>>;
  type Exports = Record<string, unknown>;
  interface ModuleExportDescriptor {
    name: string;
    kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
  }
  interface ModuleImportDescriptor extends ModuleExportDescriptor {
    module: string;
  }
  class Module {
    constructor(bytes: BufferSource, options?: unknown);
    static exports(module: Module): ModuleExportDescriptor[];
    static imports(module: Module): ModuleImportDescriptor[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    constructor(descriptor: { element: string; initial: number; maximum?: number }, value?: unknown);
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(delta: number, value?: unknown): number;
  }
  class Global {
    constructor(descriptor: { value: string; mutable?: boolean }, value?: unknown);
    value: unknown;
    valueOf(): unknown;
  }
  /** Tag of exceptions that JavaScript throws. */
  const JSTag: Tag;

  /** A function whose promise suspends the guest that calls it. */
  class Suspending {
    constructor(f: (...args: never[]) => unknown);
  }
  function promising(f: unknown): (...args: unknown[]) => Promise<unknown>;

  class Tag {
    constructor(descriptor: { parameters: string[] });
  }
  /** No Error in V8, and without a stack unless asked for. */
  class Exception {
    constructor(tag: Tag, payload: unknown[], options?: { traceStack?: boolean });
    is(tag: Tag): boolean;
    getArg(tag: Tag, index: number): unknown;
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  function validate(bytes: BufferSource, options?: unknown): boolean;
  function compile(bytes: BufferSource, options?: unknown): Promise<Module>;
  function compileStreaming(source: Response | PromiseLike<Response>, options?: unknown): Promise<Module>;
  function instantiate(bytes: BufferSource, imports?: Imports): Promise<{ module: Module; instance: Instance }>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
