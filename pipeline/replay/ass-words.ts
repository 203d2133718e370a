import { tidy } from '../captions/words.ts';

/** Commands of SubStation's drawings (`{\p1}`), which ffmpeg leaves among the words: `m 0 0 l 100 0 100 100`. */
const DRAWING = /(?<!\S)m(?: -?\d+(?:\.\d+)?){2,}(?: [mnlbspc](?: -?\d+(?:\.\d+)?)*)+(?!\S)/g;

/** Remarks of whoever wrote the captions, which players do not show and ffmpeg leaves among the words: `{check this}`. */
const REMARK = /\{[^{}]*\}/g;

/** The words of a caption of ASS or SSA without its drawings and remarks, tidy; empty where it is nothing else. */
export function assWords(text: string): string {
  return tidy(text.replace(REMARK, '').replace(DRAWING, ''));
}
