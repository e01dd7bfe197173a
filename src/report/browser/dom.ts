/**
 * The little of the DOM that the page's own script uses. TypeScript's library for it would declare a second
 * `WebAssembly` beside ours, so this states just what is needed.
 */
export interface Elem {
  id: string;
  hidden: boolean;
  tabIndex: number;
  value: string;
  checked: boolean;
  className: string;
  textContent: string | null;
  innerHTML: string;
  scrollTop: number;
  readonly offsetTop: number;
  readonly offsetHeight: number;
  readonly clientHeight: number;
  readonly dataset: Record<string, string | undefined>;
  readonly classList: {
    add(...names: string[]): void;
    remove(...names: string[]): void;
    toggle(name: string, on?: boolean): boolean;
    contains(name: string): boolean;
  };
  readonly style: { setProperty(name: string, value: string): void };
  readonly children: ArrayLike<Elem> & Iterable<Elem>;
  readonly parentElement: Elem | null;
  readonly nextElementSibling: Elem | null;
  readonly previousElementSibling: Elem | null;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  removeAttribute(name: string): void;
  toggleAttribute(name: string, on: boolean): void;
  append(...nodes: (Elem | string)[]): void;
  prepend(...nodes: Elem[]): void;
  replaceChildren(...nodes: (Elem | string)[]): void;
  after(...nodes: Elem[]): void;
  before(...nodes: Elem[]): void;
  remove(): void;
  querySelector(selector: string): Elem | null;
  querySelectorAll(selector: string): Iterable<Elem>;
  closest(selector: string): Elem | null;
  focus(options?: { preventScroll?: boolean }): void;
  click(): void;
  scrollIntoView?(options?: { block?: 'start' | 'nearest' }): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
}

export interface PageEvent {
  readonly target: Elem;
  readonly key: string;
  preventDefault(): void;
}

export interface Doc {
  readonly body: Elem;
  readonly documentElement: Elem;
  createElement(tag: string): Elem;
  createDocumentFragment(): Elem;
  getElementById(id: string): Elem | null;
  querySelector(selector: string): Elem | null;
  querySelectorAll(selector: string): Iterable<Elem>;
}

export interface Win {
  readonly location: { hash: string };
  readonly history: { replaceState(state: null, title: string, url: string): void };
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  readonly DecompressionStream?: new (
    format: 'deflate-raw',
  ) => { readonly readable: object; readonly writable: object };
  readonly Response: new (body: object) => { text(): Promise<string> };
  readonly Blob: new (parts: (Uint8Array | string)[], options?: { type: string }) => { stream(): ByteStream };
  readonly URL: { createObjectURL(blob: object): string };
  atob(text: string): string;
}

export interface ByteStream {
  pipeThrough(through: object): object;
}
