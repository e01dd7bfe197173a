/** When the native-first tier is used without being asked for: where nothing was asked for that it cannot give. */
import { OPTION_ROWS, type Options } from '../options.ts';

/** Options of the tier itself. */
const OWN = new Set<string>(['nativeFirst', 'moveAfter', 'moveTo']);

/** Settles `auto`: on where every option has its default. Callers ask for themselves whether figures are wanted. */
export function chooseNativeFirst(options: Options): void {
  if (options.nativeFirst !== 'auto') return;
  const asked = OPTION_ROWS.some((row) => !OWN.has(row.name) && options[row.name] !== row.default);
  options.nativeFirst = asked ? 'off' : 'on';
}
