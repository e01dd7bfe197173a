/**
 * A sweep as a chart: the geometric mean of the speeds against the values of an option, with intervals; a line for each
 * value of the second option, and of two options the heat map, too, where an interaction shows as rows of different shape.
 */
import { OPTION_BY_NAME } from '../../options.ts';
import type { Interval } from '../../stats/bootstrap.ts';
import type { CampaignPlan } from '../campaign/plan-file.ts';
import type { Row } from '../summary.ts';
import { draw, legend, legendRoom, MARKS, short, ticksOf } from './canvas.ts';
import { meanSpeed } from './figures.ts';
import type { Heat } from './heat-chart.ts';

type Sweep = NonNullable<CampaignPlan['sweep']>;
type Value = string | number | boolean;

export interface SweepLine {
  label: string;
  points: { value: Value; speed: Interval }[];
}

/** Lines over the values of the first option. More than two options: the others keep their first value. */
export function sweepLines(rows: readonly Row[], { config, options }: Sweep, baseline: string): SweepLine[] {
  const [[first, values], second, ...rest] = Object.entries(options) as [[string, Value[]], ...[string, Value[]][]];
  const fixed = rest.map(([name, all]) => `+${name}=${all[0]}`).join('');
  return (second ? second[1] : [null]).map((other) => {
    const name = (value: Value) => `${config}+${first}=${value}${second ? `+${second[0]}=${other}` : ''}${fixed}`;
    const points = values.flatMap((value) => {
      const found = meanSpeed(rows, name(value), baseline, 'steady') ?? meanSpeed(rows, name(value), baseline, 'whole');
      return found ? [{ value, speed: found.mean }] : [];
    });
    return { label: second ? `${second[0]} = ${other}` : config, points };
  });
}

/** A value of an option as an axis has it: `4 KiB`, `60`, `true`. */
function valueText(option: string, value: Value): string {
  if (typeof value !== 'number') return String(value);
  if (OPTION_BY_NAME.get(option)?.type !== 'bytes' || value % 1024 !== 0) return String(value);
  return value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : `${value / 1024} KiB`;
}

const WIDTH = 560;
const HEIGHT = 300;
const BOX = { left: 50, right: WIDTH - 20, top: 28, bottom: HEIGHT - 42 };

export async function sweepChart(rows: readonly Row[], sweep: Sweep, baseline: string): Promise<string | null> {
  const lines = sweepLines(rows, sweep, baseline);
  const [[option, values], second] = Object.entries(sweep.options) as [[string, Value[]], [string, Value[]]?];
  const ends = lines.flatMap((line) => line.points.flatMap(({ speed }) => [speed.low, speed.high]));
  if (!ends.length) return null;
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = Math.max((high - low) * 0.1, 0.01);
  const entries = lines.map(({ label }, k) => ({
    name: second ? String(second[1][k]) : label,
    series: k % MARKS.length,
  }));
  const below = legendRoom(entries, BOX.left, BOX.right);
  const [top, bottom] = [BOX.top + below, BOX.bottom + below];
  return draw({ width: WIDTH, height: HEIGHT + below, title: `Speed by ${option}` }, (canvas) => {
    // Values at equal distances: thresholds are chosen by steps, and names have no distances.
    const x = (value: Value) => BOX.left + ((values.indexOf(value) + 0.5) / values.length) * (BOX.right - BOX.left);
    const y = canvas.d3
      .scaleLinear()
      .domain([low - room, high + room])
      .range([bottom, top]);
    for (const t of ticksOf(y)) {
      canvas.path(`M${BOX.left},${canvas.px(y(t))}H${BOX.right}`, '#ddd', 0.8);
      canvas.text(BOX.left - 6, y(t) + 3.5, short(t), { anchor: 'end' });
    }
    canvas.path(`M${BOX.left},${top}V${bottom}H${BOX.right}`, '#000', 1);
    for (const value of values) {
      canvas.text(x(value), bottom + 14, valueText(option, value), { anchor: 'middle' });
    }
    const what = `${option}${second ? `; a line for each ${second[0]}` : ''} (speed, ${baseline} = 1, geometric mean)`;
    canvas.text((BOX.left + BOX.right) / 2, bottom + 32, what, { anchor: 'middle' });
    lines.forEach(({ points }, k) => {
      const { colour, shape, dash } = MARKS[k % MARKS.length]!;
      const shift = (k - (lines.length - 1) / 2) * 5;
      canvas.path(
        points
          .map((p, i) => `${i ? 'L' : 'M'}${canvas.px(x(p.value) + shift)},${canvas.px(y(p.speed.value))}`)
          .join(''),
        colour,
        1.5,
        dash,
      );
      for (const { value, speed } of points) {
        const at = canvas.px(x(value) + shift);
        if (speed.high > speed.low)
          canvas.path(`M${at},${canvas.px(y(speed.low))}V${canvas.px(y(speed.high))}`, colour, 1);
        canvas.mark(at, y(speed.value), shape, colour);
      }
    });
    legend(canvas, entries, BOX.left, BOX.right);
  });
}

/** The map of two options; null for a sweep over one. */
export function sweepHeat(rows: readonly Row[], sweep: Sweep, baseline: string): Heat | null {
  const [first, second] = Object.entries(sweep.options);
  if (!first || !second) return null;
  const lines = sweepLines(rows, sweep, baseline);
  return {
    title: `Speed by ${first[0]} and ${second[0]}`,
    columns: first[1].map((v) => `${first[0]} = ${v}`),
    rows: lines.map(({ label, points }) => ({
      label,
      values: first[1].map((v) => points.find((p) => p.value === v)?.speed.value ?? null),
    })),
    note: `speed, ${baseline} = 1, geometric mean of ${rows.length} programs`,
  };
}
