/**
 * Growing a memory that many modules import, as each fragment does: the host tells each instance. Beside it, what the
 * page costs for which a guest grows its memory.
 */
import { parseWat } from '../../../src/wasm/wat.ts';

const bytes = await parseWat('(module (import "e" "memory" (memory 1)) (func (export "f")))', 'grow.wat');
const module = new WebAssembly.Module(bytes);

/** Growths in one case. */
const TIMES = 100;
/** Bytes of a page of Wasm and of the system. */
const PAGE = 65536;
const SYSTEM_PAGE = 4096;

/** By nothing, which the instances are told all the same, so that a case can go on for ever. */
function growth(importers: number) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const instances = Array.from({ length: importers }, () => new WebAssembly.Instance(module, { e: { memory } }));
  const run = () => {
    for (let i = 0; i < TIMES; i++) memory.grow(0);
    return instances.length;
  };
  return { run, per: TIMES };
}

function pages() {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: TIMES + 1 });
  for (let i = 0; i < TIMES; i++) {
    const at = memory.grow(1) * PAGE;
    const page = new Uint8Array(memory.buffer, at, PAGE);
    for (let j = 0; j < PAGE; j += SYSTEM_PAGE) page[j] = 1;
  }
}

export const doc = 'growing a memory that so many instances import, and a page more with a write to each of its parts';

export const cases = {
  '1 instance': growth(1),
  '10 instances': growth(10),
  '100 instances': growth(100),
  '300 instances': growth(300),
  'a page': { run: pages, per: TIMES },
};
