/** Machine code of a fragment as text, beside the native code of the same loops. */
import { table } from '../cli/text.ts';
import type { FragmentAsm } from '../profile/schema.ts';

/** Width of the left column; longer lines push the right one away. */
const COLUMN = 72;
const HEAD = [
  'innermost loop',
  'code',
  '>unrolled',
  '>instructions',
  '>loads',
  '>stores',
  '>branches',
  '>calls',
  '>spills',
  '>vectors',
  '>polls',
];

/**
 *     innermost loop   code      unrolled  instructions  loads  ...
 *     $crc32+0x1cb     fragment         4            44      8
 *     $crc32+0x1cb     native           4            46      8
 */
export function asmText(asm: FragmentAsm): string {
  const all = [...asm.loops.map((l) => ({ l, kind: 'fragment' })), ...asm.native.map((l) => ({ l, kind: 'native' }))];
  const rows = all
    .sort((a, b) => (a.l.offset ?? 0) - (b.l.offset ?? 0))
    .map(({ l, kind }) => [
      l.offset === null ? '?' : `$${l.name}+0x${l.offset.toString(16)}`,
      kind,
      ...[l.unrolled, l.instructions, l.loads, l.stores, l.branches, l.calls, l.spills, l.vectors, l.polls].map(String),
    ]);
  const figures = rows.length > 0 ? table(HEAD, rows) : 'there is no loop in this code';
  return `${figures}\n\n${columns(asm)}\n`;
}

/** The native loop stands beside the first loop of the fragment. */
function columns({ text, nativeText, loops }: FragmentAsm): string {
  const left = text.split('\n');
  if (nativeText === '') return text;
  const begin = Math.max(0, left.findIndex((l) => Number.parseInt(l, 16) >= (loops[0]?.from ?? 0)) - 1);
  const right = ['native code of the same loop:', ...nativeText.split('\n')];
  const out: string[] = [];
  for (let i = 0; i < Math.max(left.length, begin + right.length); i++)
    out.push(`${(left[i] ?? '').padEnd(COLUMN)}  ${right[i - begin] ?? ''}`.trimEnd());
  return out.join('\n');
}
