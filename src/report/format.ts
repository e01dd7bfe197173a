/**
 * Numbers as text, with units. One function makes all formatters because its own text is embedded into the page: what
 * is drawn at build time and what the browser draws later look alike.
 *
 *     const f = formatters();
 *     f.int(1234567)      // 1,234,567
 *     f.si(12345678)      // 12.3 M
 *     f.ms(1234.5)        // 1.23 s
 *     f.bytes(13000)      // 13.0 kB
 *     f.pct(0.9641)       // 96.4 %
 */
export interface Formatters {
  /** Exact integer with grouped digits. */
  int(n: number): string;
  /** A number with its noun: `1 trace`, `2 traces`. */
  count(n: number, noun: string): string;
  /** Three significant digits with an SI prefix. */
  si(n: number): string;
  /** A time given in milliseconds, in µs, ms or s. */
  ms(n: number): string;
  /** A time given in milliseconds as milliseconds with three decimals, for columns. */
  ms3(n: number): string;
  bytes(n: number): string;
  /** A share (0..1) in percent. */
  pct(n: number): string;
  /** `$name+0x41` for a guest location. */
  loc(name: string, offset: number): string;
  /** Name of a fragment. */
  trace(id: number): string;
}

/** Self-contained: its text is embedded into the page. */
export function formatters(): Formatters {
  const group = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  // A no-break space keeps number and unit together.
  const nb = '\u00a0';
  const three = (n: number) => (n >= 99.95 ? n.toFixed(0) : n >= 9.995 ? n.toFixed(1) : n.toFixed(2));
  return {
    // A true minus sign is as wide as a digit.
    int: (n) => group.format(n).replace('-', '−'),
    count: (n, noun) => `${group.format(n)} ${noun}${n === 1 ? '' : 's'}`,
    si: (n) => {
      if (Math.abs(n) < 1000) return Number.isInteger(n) ? String(n) : three(n);
      let value = n;
      let step = 0;
      while (Math.abs(value) >= 999.5 && step < 5) {
        value /= 1000;
        step++;
      }
      return three(value) + nb + ['', 'k', 'M', 'G', 'T', 'P'][step];
    },
    ms: (n) => {
      if (n === 0) return `0${nb}ms`;
      if (n < 0.9995) return `${three(n * 1000)}${nb}µs`;
      return n < 999.5 ? `${three(n)}${nb}ms` : `${three(n / 1000)}${nb}s`;
    },
    ms3: (n) => n.toFixed(3),
    bytes: (n) => {
      if (n < 1000) return `${n}${nb}B`;
      return n < 999_500 ? `${three(n / 1000)}${nb}kB` : `${three(n / 1e6)}${nb}MB`;
    },
    pct: (n) => {
      // Nearly nothing is not nothing, and nearly all is not all.
      if (n > 0 && n < 0.0005) return `<0.1${nb}%`;
      return n < 1 && n >= 0.9995 ? `>99.9${nb}%` : `${(n * 100).toFixed(1).replace('-', '−')}${nb}%`;
    },
    loc: (name, offset) => `${name.startsWith('$') ? name : `$${name}`}+0x${offset.toString(16)}`,
    trace: (id) => `T${id}`,
  };
}

/** The formatters for use at build time. */
export const fmt: Formatters = formatters();
