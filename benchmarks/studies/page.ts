/** A study's page: the question, how it was measured, findings, charts, threats to validity, provenance. */
import type { Campaign } from '../../src/lab/campaign/campaign.ts';
import { FORMATS } from '../../src/lab/campaign/export.ts';
import { threats } from '../../src/lab/campaign/threats.ts';
import type { Study } from './study.ts';

/** Files by name; the page is `NAME.md`, its charts are `NAME-*.svg`. `command` is how to make it again. */
export async function pageOf(study: Study, campaign: Campaign, command: string): Promise<Record<string, string>> {
  const rows = campaign.rows();
  const { plan, provenance: p } = campaign.about;
  const files: Record<string, string> = {};
  const images: string[] = [];
  const charts = await FORMATS.svg.files(campaign, rows);
  for (const [name, caption] of Object.entries(study.charts)) {
    const svg = charts[name];
    if (svg === undefined) continue;
    files[`${study.name}-${name}`] = svg;
    images.push(`![${caption}](${study.name}-${name})`, '', `*${caption}*`, '');
  }
  const wrong = rows.flatMap((row) => [...row.disagreements, ...row.errors].map((text) => `- \`${row.id}\`: ${text}`));
  files[`${study.name}.md`] = [
    `# ${study.title}`,
    '',
    study.question,
    '',
    `${rows.length} programs${plan.timed ? `, ${plan.timed.length} of them timed` : ''}, ${plan.configs.length} configurations, ${plan.reps} ${plan.reps === 1 ? 'process' : 'processes'} a figure${plan.measures.includes('steady') ? `, ${plan.budget} ms of steady calls in each` : ''}` +
      `${plan.size ? `, ${plan.size} inputs` : ''}; order random by seed ${plan.seed}. Made by \`${command}\`.`,
    '',
    ...study.findings(campaign, rows),
    ...images,
    ...(wrong.length ? ['## What went wrong', '', ...wrong, ''] : []),
    '## Threats to validity',
    '',
    ...threats(plan, rows, p, campaign.sites()).map((text) => `- ${text}`),
    '',
    '## Where these come from',
    '',
    `${p.date}; Node ${p.node}, V8 ${p.v8}, ${p.platform}, ${p.cpu}, ${p.cores} cores; commit ${p.commit ?? 'unknown'}, sources SHA-256 ${p.tool.slice(0, 16)}.`,
    '',
  ].join('\n');
  return files;
}
