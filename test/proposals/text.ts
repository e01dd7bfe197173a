/** Modules of all proposals from text: binaryen reads what wabt does not. */
import binaryen from 'binaryen';

const { Features } = binaryen;
/** What the host does not read by default yet. Features without a name in binaryen's list (custom descriptors) are off, too. */
const LATER = new Set([
  'All',
  'CompactImports',
  'CustomPageSizes',
  'SharedEverything',
  'StackSwitching',
  'Strings',
  'FP16',
]);
const FEATURES = Object.entries(Features as unknown as Record<string, number>).reduce(
  (set, [name, bit]) => (LATER.has(name) ? set : set | bit),
  0,
);

/** Binary of a module in the text format. Throws what the parser complains about. */
export function watAll(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(FEATURES);
    return Uint8Array.from(module.emitBinary());
  } finally {
    module.dispose();
  }
}
