import type { Sample } from '../datasets/sample.ts';
import { encodePart, type EncodePartOptions, type Part } from './encode-part.ts';

/** Reads again what of a part could not be read when it was made, and leaves the rest as it is. @throws UndertoneError as `encodePart` */
export async function mendPart(part: Part, samples: readonly Sample[], options: EncodePartOptions): Promise<Part> {
  const broken = new Set(part.bad.map(({ id }) => id));
  const rows = [...samples.keys()].filter((i) => broken.has(samples[i]?.id ?? ''));
  if (rows.length === 0) return part;
  const again = await encodePart(
    rows.map((i) => samples[i] as Sample),
    options,
  );
  const { slots, dimension } = sizesOf(part);
  const video = part.video.slice();
  const videoMask = part.videoMask.slice();
  const text = part.text.slice();
  const textMask = part.textMask.slice();
  for (const [from, to] of rows.entries()) {
    const width = slots * dimension;
    video.set(again.video.subarray(from * width, (from + 1) * width), to * width);
    videoMask.set(again.videoMask.subarray(from * slots, (from + 1) * slots), to * slots);
    text.set(again.text.subarray(from * dimension, (from + 1) * dimension), to * dimension);
    textMask.set(again.textMask.subarray(from, from + 1), to);
  }
  return { video, videoMask, text, textMask, bad: again.bad };
}

function sizesOf({ video, videoMask, textMask }: Part): { readonly slots: number; readonly dimension: number } {
  return { slots: videoMask.length / textMask.length, dimension: video.length / videoMask.length };
}
