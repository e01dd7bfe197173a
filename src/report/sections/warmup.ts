/** How the run got fast: rate and coverage over time, and what was installed when. */
import { timelineChart } from '../charts/exports.ts';
import { fmt } from '../format.ts';
import { html } from '../html.ts';
import type { GridColumn, GridSpec, RunSection } from '../section.ts';

type Point = { t_ms: number; instructions: number; fragmentInstructions: number; event: string; fragment?: number };

const events: GridSpec<Point> = {
  name: 'timeline',
  caption: 'Events of the warm-up',
  sorted: 'fragments',
  rows: (stats) => stats.timeline.toSorted((a, b) => b.fragmentInstructions - a.fragmentInstructions),
  columns: (f): GridColumn<Point>[] => [
    { key: 'event', head: 'event', help: 'what happened', value: (p) => p.event },
    { key: 't', head: 'at', help: 'milliseconds since the start', value: (p) => p.t_ms, text: (p) => f.ms(p.t_ms) },
    {
      key: 'trace',
      label: true,
      head: 'trace',
      help: 'the fragment that was installed',
      value: (p) => p.fragment ?? -1,
      text: (p) => (p.fragment === undefined ? '–' : f.trace(p.fragment)),
      link: (p) => (p.fragment === undefined ? null : f.trace(p.fragment)),
    },
    {
      key: 'instructions',
      head: 'instructions',
      help: 'guest instructions completed by then',
      value: (p) => p.instructions,
    },
    { key: 'fragments', head: 'in fragments', help: 'of them in fragments', value: (p) => p.fragmentInstructions },
  ],
};

export const warmup: RunSection = {
  id: 'warmup',
  title: 'Warm-up',
  grids: [events],
  render: ({ stats, draw, grid }) => {
    if (stats.timeline.length === 0)
      return html`<p class="none">Nothing was installed in this run, so there is no warm-up to show.</p>`;
    const last = stats.timeline.reduce((a, b) => (b.t_ms > a.t_ms ? b : a));
    return html`<p>${fmt.count(stats.timeline.length, 'event')}; the last at ${fmt.ms(last.t_ms)} of ${fmt.ms(stats.time_ms.total)}, after ${fmt.si(
      last.instructions,
    )} of ${fmt.si(stats.instructions.total)} guest instructions.</p>
<figure>${timelineChart(draw, stats)}<figcaption>Each step averages between two installs; times come from the clock, so they differ from run to run. Ticks below mark events by kind.</figcaption></figure>
<details><summary>All events</summary>${grid(events)}</details>`;
  },
};
