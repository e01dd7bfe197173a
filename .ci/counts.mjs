/** Reads mocha's JSON: first line `passed failed skipped`, then a few lines for each failure. */
import { readFileSync } from 'node:fs';

const { stats, failures, pending } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(stats.passes, stats.failures, stats.pending);
for (const { fullTitle, err } of failures) {
  console.log(`FAILED  ${fullTitle}`);
  const lines = String(err.stack ?? err.message).split('\n');
  const shown = lines.length > 40 ? [...lines.slice(0, 20), '...', ...lines.slice(-20)] : lines;
  for (const line of shown) console.log(`        ${line}`);
}
const titles = pending.map((test) => test.fullTitle);
for (const title of titles.slice(0, 20)) console.log(`skipped ${title}`);
if (titles.length > 20) console.log(`skipped ${titles.length - 20} more`);
