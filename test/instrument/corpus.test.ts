/** Every module at hand stays valid with all instrumentation in it, whatever proposals it uses. */
import { expect } from 'chai';
import { instrument } from '../../src/instrument/instrument.ts';
import { MONITORS } from '../../src/monitor/catalogue.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { functionName } from '../../src/wasm/names.ts';
import { type CorpusModule, guestModules, suiteMissing, suiteModules } from '../wasm/corpus.ts';

function expectValid({ name, bytes }: CorpusModule): void {
  const module = decodeModule(bytes);
  const guest = {
    module,
    bytes,
    name: (func: number) => functionName(module, func) ?? `f${func}`,
    place: (func: number, offset: number) => `${func}+${offset}`,
  };
  const observers = MONITORS.map((m) => m.start(guest)).filter((run) => run.event !== undefined);
  for (const home of ['local', 'memory'] as const) {
    for (const watched of [[], observers]) {
      const code = instrument(module, { counts: true, home, observers: watched });
      try {
        new WebAssembly.Module(code.bytes);
      } catch (error) {
        expect.fail(`${name} with counters in ${home} and ${watched.length} observers: ${String(error)}`);
      }
    }
  }
}

describe('instrumented modules', () => {
  it('are valid: guests and QuickJS', () => {
    const list = guestModules();
    for (const module of list) expectValid(module);
    expect(list.length).to.be.greaterThan(40);
  });

  it('are valid: the core suite', function () {
    if (suiteMissing !== null) {
      console.log(`      skipped: ${suiteMissing}`);
      this.skip();
    }
    const list = suiteModules();
    for (const module of list) expectValid(module);
    expect(list.length).to.be.greaterThan(1000);
  });
});
