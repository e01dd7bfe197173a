/** What the machine does is named in the word that samplers look at, and stands there again when it is done. */
import { expect } from 'chai';
import { CTL, STATE } from '../../src/machine/layout.ts';
import { Machine } from '../../src/machine/machine.ts';
import { MachineMemory } from '../../src/machine/memory.ts';
import { resolveOptions } from '../../src/options.ts';
import { Sampler } from '../../src/profile/sampler.ts';
import { Timers } from '../../src/profile/timers.ts';

import { watAll } from '../proposals/text.ts';

describe('timers', () => {
  it('name the component for samplers, also inside of another', () => {
    const memory = new MachineMemory(1, 1 << 16);
    const timers = new Timers(memory, 0);
    memory.setWord(CTL.state, STATE.interpret);
    const outer = timers.start('record');
    expect(memory.word(CTL.state)).to.equal(STATE.record);
    const inner = timers.start('optimize');
    expect(memory.word(CTL.state)).to.equal(STATE.optimize);
    timers.stop('optimize', inner);
    expect(memory.word(CTL.state)).to.equal(STATE.record);
    timers.stop('record', outer);
    expect(memory.word(CTL.state)).to.equal(STATE.interpret);
  });

  it('show that nothing runs between calls of the guest, and that the host does in its own', async () => {
    const bytes = watAll(`(module (import "m" "look" (func $look))
      (func $nop (export "nop"))
      (func (export "run") (call $look))
      (func (export "trap") (unreachable)))`);
    const seen: number[] = [];
    let nop = () => {};
    const word = () => machine.memory.word(CTL.state);
    const look = () => {
      seen.push(word());
      nop();
      seen.push(word());
    };
    const machine = new Machine(bytes, { m: { look } }, resolveOptions({ sample: true }));
    const sampler = Sampler.start(machine)!;
    const exports = machine.guest.instance.exports as Record<string, () => void>;
    nop = exports.nop!;
    exports.run!();
    expect(seen).to.deep.equal([STATE.host, STATE.host]);
    expect(word()).to.equal(STATE.idle);
    while (sampler.read().byState.idle < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(() => exports.trap!()).to.throw(WebAssembly.RuntimeError);
    sampler.stop();
    machine.dispose();
  });
});
