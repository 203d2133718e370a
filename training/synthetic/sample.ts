import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cue, toVtt } from './captions.ts';
import { encodeMp4 } from './encode.ts';
import { type FaceClip, faceClip } from './face-clip.ts';
import type { Mood } from './motion.ts';
import { SAMPLE_SEED } from './seeds.ts';

/** The mood of the page's sample over its 15 s. */
export const SAMPLE_MOODS: readonly Mood[] = [
  { emotion: 'neutral', startMs: 0 },
  { emotion: 'happy', startMs: 4000 },
  { emotion: 'sad', startMs: 9500 },
];

/** Written for the sample alone; what other drawn people say comes from phrases.ts. */
const CAPTIONS: readonly Cue[] = [
  { startMs: 400, endMs: 3600, text: 'So this morning I opened my mail, as I do every day.' },
  { startMs: 4200, endMs: 6600, text: 'And I got into the school of my dreams!' },
  { startMs: 6900, endMs: 9200, text: 'This is amazing, I am so happy and grateful.' },
  { startMs: 9900, endMs: 12_200, text: 'But I have to leave my old dog behind.' },
  { startMs: 12_500, endMs: 14_700, text: 'I will miss him terribly, it makes me want to cry.' },
];

/** The clip that the page plays where there is no camera: neutral, then happy, then sad. */
export function sampleClip(): FaceClip {
  return faceClip({
    emotion: SAMPLE_MOODS,
    seed: SAMPLE_SEED,
    seconds: 15,
    fps: 15,
    size: { width: 320, height: 240 },
    captions: CAPTIONS,
    typical: true,
  });
}

/** Writes `sample.mp4` and `sample.vtt` into a folder. */
export async function writeSample(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const clip = sampleClip();
  await encodeMp4(clip, join(folder, 'sample.mp4'));
  await writeFile(join(folder, 'sample.vtt'), toVtt(clip.captions));
}
