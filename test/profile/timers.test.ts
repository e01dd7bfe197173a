/** What the machine does is named in the word that samplers look at, and stands there again when it is done. */
import { expect } from 'chai';
import { CTL, STATE } from '../../src/machine/layout.ts';
import { MachineMemory } from '../../src/machine/memory.ts';
import { Timers } from '../../src/profile/timers.ts';

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
});
