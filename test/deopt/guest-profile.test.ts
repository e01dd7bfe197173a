/** Profiles of the host, read as the guests alone would give them, from frames written by hand. */
import { expect } from 'chai';
import type { GuestCode } from '../../src/deopt/guest-codes.ts';
import { guestProfile, type ProfileNode } from '../../src/deopt/guest-profile.ts';

const URL_OF_GUEST = 'wasm://wasm/guest-1';

/** A probed guest: `inner` at 40 and `work` at 93, which are at 60 and 113 there; index 2 was added. */
const GUEST: GuestCode = {
  module: 'guest',
  bytes: 200,
  url: URL_OF_GUEST,
  origin: { starts: [[60, 40]], added: [] },
  imported: 0,
  functions: [
    { name: 'inner', shown: 'inner', start: 40, stub: null },
    { name: 'work', shown: 'work', start: 93, stub: null },
  ],
};

const frame = (functionName: string, url: string, columnNumber: number) => ({
  functionName,
  scriptId: url === '' ? '0' : '7',
  url,
  lineNumber: 0,
  columnNumber,
});

const node = (id: number, callFrame: ProfileNode['callFrame'], hitCount: number, children: number[]): ProfileNode => ({
  id,
  callFrame,
  hitCount,
  children,
});

/** Who has counted how often, under whom. */
function told(nodes: readonly ProfileNode[]): string[] {
  return nodes.map(({ id, callFrame, hitCount, children }) => {
    const { functionName, columnNumber } = callFrame;
    return `${id} ${functionName}@${columnNumber} ${hitCount} [${children?.join() ?? ''}]`;
  });
}

describe('profiles read as those of guests', () => {
  it('have no function that was added to the module: its time is that of its caller', () => {
    const nodes = [
      node(1, frame('(root)', '', -1), 0, [2]),
      node(2, frame('work', URL_OF_GUEST, 113), 3, [3, 5]),
      node(3, frame('ask', 'file:///osr/tier.js', 9), 1, [4]),
      node(4, frame('wasm-function[2]', URL_OF_GUEST, 339), 2, []),
      node(5, frame('wasm-function[2]', URL_OF_GUEST, 339), 4, [6]),
      node(6, frame('inner', URL_OF_GUEST, 60), 5, []),
    ];
    const profile = { nodes, samples: [2, 4, 5, 6] };
    const read = guestProfile(profile, [GUEST]);
    expect(told(read.nodes)).to.deep.equal([
      '1 (root)@-1 0 [2]',
      '2 work@93 7 [3,6]',
      '3 ask@9 3 []',
      '6 inner@40 5 []',
    ]);
    expect(read.samples).to.deep.equal([2, 3, 2, 6]);
  });
});
