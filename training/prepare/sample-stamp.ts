import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { sha256 } from '../../models/bundle/sha256.ts';
import type { Sample } from '../datasets/sample.ts';
import { fingerprint } from '../fingerprint.ts';

/**
 * Names what the embeddings of a sample are made of as it is now: its text, its clip by path, size and time of change, its
 * image by content. Another file in a clip's place gives another name, another way to write the folder's path does not.
 *
 * @param folder of the data set
 */
export async function sampleStamp(folder: string, { id, split, text = '', video, image }: Sample): Promise<string> {
  const clip = video === undefined ? undefined : await stat(video).catch(() => undefined);
  return fingerprint(
    id,
    split,
    text,
    video && relative(folder, video),
    clip?.size,
    clip?.mtimeMs,
    image && video === undefined && contentOf(image),
  );
}

function contentOf(image: NonNullable<Sample['image']>): string | undefined {
  try {
    return sha256(image());
  } catch {
    return undefined;
  }
}
