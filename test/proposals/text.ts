/** Modules of all proposals from text: binaryen reads what wabt does not. */
import binaryen from 'binaryen';

const { Features } = binaryen;
/** What the host does not read by default yet. */
const LATER = ['CompactImports', 'CustomPageSizes', 'SharedEverything', 'StackSwitching', 'Strings', 'FP16'] as const;
const FEATURES = LATER.reduce(
  (set, name) => set & ~(Features as unknown as Record<string, number>)[name]!,
  Features.All,
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
