import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprint } from '../fingerprint.ts';

/** File of a bundle that names the clips that its heads and its adapter were trained on, one a line. */
export const TRAINED_CLIPS = 'trained-clips.txt';

interface Clip {
  readonly id?: string;
  readonly text?: string | undefined;
}

/** Names a clip by its data set, id and text, wherever it lies and whichever split it is in, and tells none of them. */
export function clipName(dataset: string, { id = '', text = '' }: Clip = {}): string {
  return fingerprint('trained clip', dataset, id, text).slice(0, 16);
}

/** Names of the clips that the heads of the bundle in a folder were trained on; of none where it does not tell. */
export async function readTrainedClips(dir: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(dir, TRAINED_CLIPS), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return new Set(text.split('\n').filter((line) => line !== ''));
}
