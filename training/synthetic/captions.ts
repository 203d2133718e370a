import type { Random } from '../../models/random.ts';
import type { Emotion } from '../datasets/emotions.ts';
import type { Mood } from './motion.ts';
import { PHRASES, WORDS } from './phrases.ts';

/** A caption and when it is shown, in milliseconds. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

const WORDS_PER_S = 2.7;
const PAUSE_MS = 350;

/** Something that a person of this emotion may say. */
export function drawUtterance(random: Random, emotion: Emotion): string {
  const text = random.pick(PHRASES[emotion]).replace(/\{(\w+)\}/g, (_, name: string) => random.pick(WORDS[name] ?? []));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Captions that follow the moods: one utterance after the other at the speed of speech, none across a change. */
export function drawCaptions(random: Random, moods: readonly Mood[], durationMs: number): Cue[] {
  const cues: Cue[] = [];
  for (const [i, { emotion, startMs }] of moods.entries()) {
    const untilMs = moods[i + 1]?.startMs ?? durationMs;
    let at = startMs + PAUSE_MS;
    for (;;) {
      const text = drawUtterance(random, emotion);
      const endMs = Math.round(at + (text.split(' ').length / WORDS_PER_S) * 1000);
      if (endMs > untilMs) break;
      cues.push({ startMs: at, endMs, text });
      at = endMs + PAUSE_MS;
    }
  }
  return cues;
}

/** The captions as a WebVTT file. */
export function toVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(({ startMs, endMs, text }) => `${stamp(startMs)} --> ${stamp(endMs)}\n${text}\n`);
  return ['WEBVTT\n', ...blocks].join('\n');
}

/** `00:01:02.345` */
function stamp(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 23);
}
