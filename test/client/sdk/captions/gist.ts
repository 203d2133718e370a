import type { CaptionInput } from '../../../../client/sdk/index.ts';

/** A caption in one line. */
export function gist({ segmentId, revision, isFinal, startMs, endMs, text }: CaptionInput): string {
  return `${segmentId} r${revision} ${isFinal ? 'final' : 'interim'} ${startMs}-${endMs} ${text}`;
}
