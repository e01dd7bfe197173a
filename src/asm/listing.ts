/**
 * The engine's listing of a function (`--print-wasm-code`) as data:
 *
 *     name: crc32/run
 *     index: 1
 *     compiler: TurboFan
 *     Instructions (size = 1532)
 *     0x8a80126ea00     0  55                   push rbp
 *     0x8a80126ea1f    1f  0f860b050000         jna 0x8a80126ef30  <+0x530>
 *     Source positions:
 *       pc offset  position
 *             579       289
 *
 * Positions are byte offsets in the function's body of what may trap, of calls, and of loops where these look whether the
 * engine wants to interrupt them.
 */
export interface MachineInstruction {
  /** Byte offset in the function's code. */
  readonly at: number;
  /** As the engine writes it, jumps with the offset that they lead to: `jna 530`. */
  readonly text: string;
  /** Where a jump leads, as an offset. */
  readonly target: number | null;
}

export interface MachineFunction {
  readonly name: string;
  readonly index: number;
  readonly compiler: string;
  /** Bytes of instructions. */
  readonly size: number;
  readonly instructions: readonly MachineInstruction[];
  /** Byte offset in the body by offset in the code. */
  readonly positions: ReadonlyMap<number, number>;
}

const PART = /^--- WebAssembly code ---\n([\s\S]*?)^--- End code ---$/gm;
/** Address, offset, bytes (with blanks between words on some processors), text. */
const LINE = /^0x[0-9a-f]+ +([0-9a-f]+) {2}[0-9a-f]+ +(\S.*)$/;

/** All functions that were compiled by the optimizing compiler. */
export function parseListing(text: string): MachineFunction[] {
  return [...text.matchAll(PART)].map((m) => parsePart(m[1]!)).filter((f) => f.compiler === 'TurboFan');
}

function parsePart(text: string): MachineFunction {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  const [code = ''] = text.split(/^(?:Protected instructions|Source positions|Safepoints)\b/m, 1);
  const instructions = code.split('\n').flatMap((line) => {
    const m = LINE.exec(line);
    return m ? [instruction(Number.parseInt(m[1]!, 16), m[2]!)] : [];
  });
  const positions = new Map<number, number>();
  const table = /^Source positions:\n pc offset +position\n((?: +[0-9a-f]+ +\d+.*\n)*)/m.exec(text)?.[1] ?? '';
  for (const [, pc, position] of table.matchAll(/^ +([0-9a-f]+) +(\d+)/gm))
    positions.set(Number.parseInt(pc!, 16), Number(position));
  const size = Number(/^Instructions \(size = (\d+)\)/m.exec(text)?.[1] ?? 0);
  return {
    name: field('name'),
    index: Number(field('index')),
    compiler: field('compiler'),
    size,
    instructions,
    positions,
  };
}

function instruction(at: number, text: string): MachineInstruction {
  // Where code goes on is all that matters of prefixes and addresses.
  const short = text.replace(/^REX\.W /, '').trimEnd();
  const jump = /^(.*?)(?:0x[0-9a-f]+ +|#[+-]0x[0-9a-f]+ \(addr 0x[0-9a-f]+\) *)<\+0x([0-9a-f]+)>$/.exec(short);
  if (!jump) return { at, text: short, target: null };
  return { at, text: `${jump[1]}${jump[2]}`, target: Number.parseInt(jump[2]!, 16) };
}
