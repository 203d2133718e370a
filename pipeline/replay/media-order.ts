import type { CaptionInput, FrameInput } from '../frames.ts';
import type { CaptionSegment } from '../captions/parse-captions.ts';
import type { DecodedFrame } from './decode-frames.ts';

/**
 * Merges frames and captions by media time. A caption comes at its start, final and whole: a replay knows the words
 * when they begin, and a window counts a caption from its start on. At equal times the caption comes first.
 *
 * @param segments ascending by `start_ms`
 * @param endMs asked after the last frame: captions that start there or later are left out
 * @returns how many captions were left out
 */
export async function* mediaOrder(
  frames: AsyncIterable<DecodedFrame>,
  segments: readonly CaptionSegment[],
  endMs: () => number,
): AsyncGenerator<FrameInput | CaptionInput, number, undefined> {
  let next = 0;
  let seq = 0;
  for await (const { ptsMs, width, height, data } of frames) {
    for (let segment = segments[next]; segment !== undefined && segment.start_ms <= ptsMs; segment = segments[++next])
      yield captionInput(segment);
    yield { kind: 'frame', seq: seq++, ptsMs, image: { kind: 'rgb', width, height, data } };
  }
  const limitMs = endMs();
  for (let segment = segments[next]; segment !== undefined && segment.start_ms < limitMs; segment = segments[++next])
    yield captionInput(segment);
  return segments.length - next;
}

function captionInput(segment: CaptionSegment): CaptionInput {
  return { kind: 'caption', caption: { type: 'caption', revision: 0, is_final: true, ...segment } };
}
