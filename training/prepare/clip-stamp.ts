import { stat } from 'node:fs/promises';
import type { Sample } from '../datasets/sample.ts';
import { fingerprint } from '../fingerprint.ts';

/** Names the clips of samples as they lie on disk, by size and time of change: another file in a clip's place is another. */
export async function clipStamp(samples: readonly Sample[]): Promise<string> {
  const files: (readonly [size: number, changedMs: number] | null)[] = [];
  for (const { video } of samples) {
    const found = video === undefined ? undefined : await stat(video).catch(() => undefined);
    files.push(found === undefined ? null : [found.size, found.mtimeMs]);
  }
  return fingerprint(files);
}
