/** `npm run traces`: records the archive in `traces/` anew. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recordArchive } from './traces/archive.ts';

const dir = fileURLToPath(new URL('../traces/', import.meta.url));
const files = recordArchive();
for (const old of readdirSync(dir)) if (old.endsWith('.trace')) rmSync(dir + old);
for (const { file, text } of files) writeFileSync(dir + file, text);
console.log(`wrote the traces of ${files.length} guests to traces/`);
