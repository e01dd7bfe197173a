/** Horizontal bars around 1 with intervals, two series a row: what each pass is worth alone, and last. */
import type { Interval } from '../../stats/bootstrap.ts';
import { alone, type CampaignPlan, without } from '../campaign/plan-file.ts';
import type { Row } from '../summary.ts';
import { axis, draw, legend } from './canvas.ts';
import { meanSpeed } from './figures.ts';

export interface Bar {
  label: string;
  /** Speed with the pass over the speed without it: alone, and on top of all others. */
  alone: Interval | null;
  last: Interval | null;
}

type Ablation = NonNullable<CampaignPlan['ablation']>;

/** Geometric means over the programs; the greatest gain first. */
export function ablationBars(rows: readonly Row[], { config, passes }: Ablation): Bar[] {
  const bars = passes.map((pass) => ({
    label: pass,
    alone: meanSpeed(rows, alone(config, pass), `${config}+passes=O0`, 'steady')?.mean ?? null,
    last: meanSpeed(rows, config, without(config, pass), 'steady')?.mean ?? null,
  }));
  return bars.filter((bar) => bar.alone ?? bar.last).sort((a, b) => (b.last?.value ?? 0) - (a.last?.value ?? 0));
}

const PITCH = 26;
const WIDTH = 560;
const HEAD = 26;

export async function ablationChart(rows: readonly Row[], ablation: Ablation): Promise<string | null> {
  const bars = ablationBars(rows, ablation);
  if (!bars.length) return null;
  const left = Math.max(...bars.map((b) => b.label.length)) * 6.2 + 14;
  const bottom = HEAD + bars.length * PITCH;
  return draw({ width: WIDTH, height: bottom + 40, title: 'What each pass is worth, alone and last' }, (canvas) => {
    const ends = bars.flatMap((b) => [b.alone, b.last].flatMap((x) => (x ? [x.low, x.high] : [])));
    const x = canvas.d3
      .scaleLog()
      .domain([Math.min(0.95, ...ends), Math.max(1.05, ...ends)])
      .range([left, WIDTH - 16]);
    axis(canvas, x, HEAD - 4, bottom, 'speed with the pass, without it = 1 (geometric mean, steady state)');
    legend(
      canvas,
      [
        { name: 'last: all others on', series: 0 },
        { name: 'alone: all others off', series: 1 },
      ],
      left,
    );
    bars.forEach((bar, i) => {
      const y = HEAD + i * PITCH;
      canvas.text(left - 8, y + PITCH / 2 + 3.5, bar.label, { anchor: 'end' });
      for (const [value, top, fill] of [
        [bar.last, y + 3, '#0072b2'],
        [bar.alone, y + 13, '#f2b48a'],
      ] as const) {
        if (!value) continue;
        const [from, to] = [x(1), x(value.value)].sort((a, b) => a - b);
        canvas.rect(from!, top, Math.max(0.5, to! - from!), 9, fill);
        if (value.high > value.low)
          canvas.path(`M${canvas.px(x(value.low))},${top + 4.5}H${canvas.px(x(value.high))}`, '#000', 1);
      }
    });
    canvas.path(`M${canvas.px(x(1))},${HEAD - 4}V${bottom}`, '#000', 1.2);
  });
}
