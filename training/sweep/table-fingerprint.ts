import { createHash } from 'node:crypto';
import type { ClipTable } from './clip-table.ts';

/** Names what a table holds: other embeddings, other labels or another order have another name. */
export function tableFingerprint(table: ClipTable): string {
  const { slots, dimension, video, videoMask, text, textMask, score, sentiment, emotion } = table;
  const hash = createHash('sha256').update(`${slots} ${dimension}`);
  for (const part of [video, videoMask, text, textMask, score, sentiment, emotion]) hash.update(part);
  return hash.digest('hex');
}
