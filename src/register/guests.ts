/** The guests of this thread: which modules run under the machine, which do not and why, and their figures at the end. */
import { basename } from 'node:path';
import { sha256 } from '../builtin.ts';
import { instantiateGuest } from '../guest/foreign.ts';
import { type Known, lookUp } from '../guest/known.ts';
import { openMachine } from '../machine/open.ts';
import { nativeStats } from '../profile/collect.ts';
import type { Stats } from '../profile/schema.ts';
import { since } from '../profile/since.ts';
import { decodeModule } from '../wasm/decode.ts';
import { moduleName } from '../wasm/names.ts';

import type { Settings } from './settings.ts';

/** Gives the figures of one guest so far. */
type Figures = () => { stats: Stats; bytes: Uint8Array };

export class Guests {
  readonly settings: Settings;
  private readonly figures: Figures[] = [];
  /** What each guest's figures were when they were last set back. */
  private base: (Stats | undefined)[] = [];
  /** False: modules are instantiated natively, as if nothing were here. */
  attached: boolean;
  /** Instances of modules whose bytes nobody saw. */
  unknown = 0;

  constructor(settings: Settings) {
    this.settings = settings;
    this.attached = !settings.detached;
  }

  get isEmpty(): boolean {
    return this.figures.length === 0;
  }

  /** Figures begin at zero. */
  reset(): void {
    this.base = this.figures.map((figures) => figures().stats);
  }

  /** An instance of the module, under the machine where that is possible. Throws what the host throws. */
  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports | undefined): WebAssembly.Instance {
    if (!this.attached) return instantiateGuest(module, imports);
    const known = lookUp(module);
    if (!known) {
      this.unknown++;
      return instantiateGuest(module, imports);
    }
    const { bytes } = known;
    const left = this.settings.native.find((text) => names(known).some((name) => name.includes(text)));
    if (left !== undefined) {
      const reason = `it was left out by '${left}'`;
      const begin = performance.now();
      this.add(known, () => nativeStats(bytes, this.settings.options, reason, performance.now() - begin));
      return instantiateGuest(module, imports);
    }
    const { instance, machine } = openMachine(bytes, imports, this.settings.options, module, known.compile);
    this.add(known, () => machine.stats());
    return instance;
  }

  /** Figures of all guests since they were set back, in the order in which they were made. */
  collect(): { stats: Stats; bytes: Uint8Array }[] {
    return this.figures.map((figures, i) => {
      const now = figures();
      const then = this.base[i];
      return then ? { ...now, stats: since(then, now.stats) } : now;
    });
  }

  private add({ bytes, origin }: Known, stats: () => Stats): void {
    const number = this.figures.length + 1;
    this.figures.push(() => {
      const found = stats();
      found.module.path ??= `${basename(origin) || 'module'}#${number}`;
      return { stats: found, bytes };
    });
  }
}

/** What a filter may name a module by. */
function names({ bytes, origin }: Known): string[] {
  return [origin, moduleName(decodeModule(bytes)) ?? '', sha256(bytes)];
}
