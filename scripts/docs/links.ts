/** Relative links of a document that lead to no file, or to no heading of the file. */
import { existsSync, readFileSync, statSync } from 'node:fs';

/** Anchor that a forge gives a heading: `## What it is!` -> `what-it-is`. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map((m) => anchorOf(m[1]!.replaceAll('`', '')));

/** Links of `text`, which is the document at `url`, whose target does not exist. */
export function brokenLinks(url: URL, text: string): string[] {
  // Code is no prose: `[x](y)` in it is no link.
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map((m) => m[1]!);
  return links.filter((link) => {
    if (/^[a-z]+:/i.test(link)) return false;
    const target = new URL(link, url);
    const anchor = target.hash.slice(1);
    target.hash = '';
    if (!existsSync(target)) return true;
    return (
      anchor !== '' &&
      statSync(target).isFile() &&
      !anchorsIn(readFileSync(target, 'utf8')).includes(decodeURIComponent(anchor))
    );
  });
}
