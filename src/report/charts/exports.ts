/** The charts, for the sections. */
export { type BarRow, barChart } from './bars.ts';
export { coverSet, paretoCurve } from './pareto.ts';
export { type StackedRow, stackedBars } from './stacked.ts';
export { timelineChart } from './timeline.ts';
