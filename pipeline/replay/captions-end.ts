import type { CaptionSegment } from '../captions/parse-captions.ts';

/** Media time in ms at which the last caption ends; 0 without any. */
export function captionsEndMs(captions: readonly Pick<CaptionSegment, 'end_ms'>[]): number {
  return captions.reduce((endMs, { end_ms: ownMs }) => Math.max(endMs, ownMs), 0);
}
