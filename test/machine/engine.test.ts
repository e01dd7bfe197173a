/** The engine below the machine: where it lacks what generated modules need, guests run natively and are told why. */
import { expect } from 'chai';
import { unsupported } from '../../src/machine/unsupported.ts';
import { decodeModule } from '../../src/wasm/decode.ts';

const EMPTY = decodeModule(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

describe('the engine below the machine', () => {
  it('has what the machine needs', () => {
    expect(unsupported(EMPTY)).to.equal(null);
  });

  it('is named with the version to take where it has not', () => {
    const old = (bytes: BufferSource) => {
      // The question is a valid module here.
      expect(WebAssembly.validate(bytes)).to.equal(true);
      return false;
    };
    expect(unsupported(EMPTY, old)).to.equal(
      `the machine needs Node 26 or newer, and this is Node ${process.versions.node}`,
    );
  });
});
