/** The engine's listing as data: instructions, jumps, positions; control flow and kinds of instructions by hand. */
import { expect } from 'chai';
import { count, NO_COUNTS } from '../../src/asm/count.ts';
import { naturalLoops } from '../../src/asm/flow.ts';
import { type MachineFunction, parseListing } from '../../src/asm/listing.ts';
import { innermostLoops, unrolling } from '../../src/asm/loops.ts';

const LISTING = `--- WebAssembly code ---
name: T1 sum/run+0x40
index: 3
kind: wasm function
compiler: TurboFan
Body (size = 64 = 48 + 16 padding)
Instructions (size = 40)
0x75c263adac0     0  55                   push rbp
0x75c263adac1     1  4889e5               REX.W movq rbp,rsp
0x75c263adac8     8  458b0411             movl r8,[rcx+rdx*1]
0x75c263adacc     c  418b55e8             movl rdx,[rbp-0x18]
0x75c263adad0    10  41807db100           cmpb [r13-0x4f],0x0
0x75c263adad5    15  0f8505000000         jnz 0x75c263adae0  <+0x20>
0x75c263adadb    1b  75eb                 jnz 0x75c263adac8  <+0x8>
0x75c263adadd    1d  c3                   retl
0x75c263adae0    20  e8f2f3ffff           call 0x75c263ad350  (jump table)
0x75c263adae5    25  ebf4                 jmp 0x75c263adadb  <+0x1b>

Protected instructions:
 pc offset
         8

Source positions:
 pc offset  position
         8        30
        20        21

Safepoints (stack slots = 4, entries = 0, byte size = 12)

--- End code ---
--- WebAssembly code ---
name: other
index: 4
compiler: Liftoff
Instructions (size = 1)
0x75c263adac0     0  c3                   retl

--- End code ---
`;

/** A function of instructions at 0, 1, 2, ...; `jz 7` leads to 7. */
function code(...texts: string[]): MachineFunction {
  const instructions = texts.map((text, at) => {
    const target = /^j\w+ ([0-9a-f]+)$/.exec(text)?.[1];
    return { at, text, target: target === undefined ? null : Number.parseInt(target, 16) };
  });
  return { name: 'f', index: 0, compiler: 'TurboFan', size: texts.length, instructions, positions: new Map() };
}

describe('machine code listings', () => {
  it('optimized functions, with targets and positions', () => {
    const [f, ...more] = parseListing(LISTING);
    expect(more).to.deep.equal([]);
    expect({ name: f!.name, index: f!.index, size: f!.size }).to.deep.equal({
      name: 'T1 sum/run+0x40',
      index: 3,
      size: 40,
    });
    expect(f!.instructions.map((i) => i.text).slice(0, 4)).to.deep.equal([
      'push rbp',
      'movq rbp,rsp',
      'movl r8,[rcx+rdx*1]',
      'movl rdx,[rbp-0x18]',
    ]);
    expect(f!.instructions.filter((i) => i.target !== null).map((i) => [i.text, i.target])).to.deep.equal([
      ['jnz 20', 0x20],
      ['jnz 8', 0x8],
      ['jmp 1b', 0x1b],
    ]);
    expect([...f!.positions]).to.deep.equal([
      [8, 30],
      [0x20, 21],
    ]);
  });

  it('a loop without what an interrupt executes, whose place is the loop itself', () => {
    const [loop, ...more] = innermostLoops(parseListing(LISTING)[0]!, 'x64');
    expect(more).to.deep.equal([]);
    expect([...loop!.inside]).to.deep.equal([0x8, 0xc, 0x10, 0x15, 0x1b]);
    expect(loop!.head).to.equal(21);
    expect(loop!.positions).to.deep.equal([30]);
    expect(loop!.counts).to.deep.equal({ ...NO_COUNTS, instructions: 5, loads: 1, spills: 1, branches: 2, polls: 1 });
    expect(unrolling(loop!)).to.equal(1);
  });

  it('loops that begin in the middle, and nests', () => {
    // 0: enter at 2; 1..3 the inner loop; 4 the outer one's end, back to 0.
    const f = code('jmp 2', 'addl rax,0x1', 'cmpl rax,rbx', 'jnz 1', 'jnz 0', 'retl');
    expect(
      naturalLoops(f)
        .map((l) => l.head)
        .sort(),
    ).to.deep.equal([0, 2]);
    expect(innermostLoops(f, 'x64').map((l) => [...l.inside].sort())).to.deep.equal([[1, 2, 3]]);
  });

  it('a jump back to where control can come from elsewhere is no loop', () => {
    const f = code('jz 3', 'addl rax,0x1', 'jmp 5', 'addl rbx,0x1', 'jmp 1', 'retl');
    expect(naturalLoops(f)).to.deep.equal([]);
  });

  it('kinds of instructions, x64', () => {
    const kinds = (text: string) => {
      const c = { ...NO_COUNTS };
      count(c, { at: 0, text, target: null }, 'x64');
      return Object.entries(c)
        .filter(([name, n]) => n > 0 && name !== 'instructions')
        .map(([name, n]) => `${name} ${n}`)
        .join();
    };
    for (const [text, wanted] of Object.entries({
      'movl r9,[rdx]': 'loads 1',
      'movl [rsi+r11*1],r9': 'stores 1',
      'movb [rsi],0x0': 'stores 1',
      'addl [rdx],rax': 'loads 1,stores 1',
      'cmpl [rdx],rax': 'loads 1',
      'xorl rdx,[rsi+r11*1]': 'loads 1',
      'movq [rbp-0x18],rdx': 'spills 1',
      'cmpl rcx,[rbp-0x48]': 'spills 1',
      'leal r11,[rdi+r11*4+0x4]': '',
      'movq rcx,rdx': '',
      'call 0x75c263ad350  (jump table)': 'calls 1',
      'call [r10]': 'loads 1,calls 1',
      'jnz 40': 'branches 1',
      'cmpb [r13-0x4f],0x0': 'polls 1',
      'movq rax,[r13+0x20]': '',
      'vpmulld xmm1,xmm1,xmm2': 'vectors 1',
      'vmovdqu xmm1,[rcx+r9*1]': 'loads 1,vectors 1',
      'vaddpd xmm1,xmm1,xmm2': 'vectors 1',
      'vaddsd xmm1,xmm1,xmm2': '',
      'vmovsd xmm1,[rcx]': 'loads 1',
      'vmovsd [rcx],xmm1': 'stores 1',
    }))
      expect(kinds(text), text).to.equal(wanted);
    const nop = { ...NO_COUNTS };
    count(nop, { at: 0, text: 'nop', target: null }, 'x64');
    expect(nop).to.deep.equal(NO_COUNTS);
  });

  it('kinds of instructions, arm64', () => {
    const c = { ...NO_COUNTS };
    for (const text of [
      'ldr w3, [x1, x2]',
      'str w3, [x1, w2, uxtw]',
      'ldp x1, x2, [fp, #-32]',
      'b.ne 40',
      'cbz w1, 40',
      'bl 100',
      'fmul v1.2d, v1.2d, v2.2d',
      'ldrb w16, [x26, #-79]',
    ])
      count(c, { at: 0, text, target: null }, 'arm64');
    expect(c).to.deep.equal({
      instructions: 8,
      loads: 1,
      stores: 1,
      branches: 2,
      calls: 1,
      spills: 2,
      vectors: 1,
      polls: 1,
    });
  });
});
