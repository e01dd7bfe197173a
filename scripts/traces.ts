/** `npm run traces`: records the archive in `traces/` anew. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments, script } from './arguments.ts';
import { recordArchive } from './traces/archive.ts';

async function main(): Promise<number> {
  readArguments('npm run traces', {});
  const dir = fileURLToPath(new URL('../traces/', import.meta.url));
  const files = recordArchive();
  for (const old of readdirSync(dir)) if (old.endsWith('.trace')) rmSync(dir + old);
  for (const { file, text } of files) writeFileSync(dir + file, text);
  console.log(`wrote the traces of ${files.length} guests to traces/`);
  return 0;
}

await script('traces', main);
