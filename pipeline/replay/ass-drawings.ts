import { tidy } from '../captions/words.ts';
import type { CaptionSegment } from '../captions/parse-captions.ts';

/** Commands of SubStation's drawings (`{\p1}`), which ffmpeg leaves among the words: `m 0 0 l 100 0 100 100`. */
const DRAWING = /(?<!\S)m(?: -?\d+(?:\.\d+)?){2,}(?: [mnlbspc](?: -?\d+(?:\.\d+)?)*)+(?!\S)/g;

/** Remarks of whoever wrote the captions, which players do not show and ffmpeg leaves among the words: `{check this}`. */
const REMARK = /\{[^{}]*\}/g;

/** Captions of an ASS or SSA track without their drawings and remarks; those that are nothing else are left out. */
export function withoutDrawings(segments: readonly CaptionSegment[]): CaptionSegment[] {
  return segments
    .map((segment) => ({ ...segment, text: tidy(segment.text.replace(REMARK, '').replace(DRAWING, '')) }))
    .filter(({ text }) => text !== '');
}
