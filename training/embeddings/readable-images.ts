import { toPixels } from '../../models/encoders/image-input/to-pixels.ts';
import { readImages } from '../datasets/read-image.ts';
import type { Sample } from '../datasets/sample.ts';
import type { OnBad } from '../datasets/sink.ts';

/** Of what size does not matter: what is looked at is whether the image decodes. */
const SMALL = { size: 8, fit: 'cover', filter: 'area' } as const;

/**
 * The samples whose image decodes; those without one stay, those whose image does not are told to `onBad`. Without `onBad`
 * all of them, unread: the first that is bad ends what uses it.
 */
export async function readableImages<S extends Pick<Sample, 'id' | 'image'>>(
  samples: readonly S[],
  onBad: OnBad | undefined,
  signal?: AbortSignal,
): Promise<readonly S[]> {
  if (onBad === undefined) return samples;
  return readImages(samples, {
    nameOf: ({ id }) => id,
    read: async (sample) => {
      if (sample.image !== undefined) await toPixels({ kind: 'image', bytes: sample.image() }, SMALL);
      return sample;
    },
    onBad,
    signal,
  });
}
