import { expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { DEFAULT_CLIP } from '../../../training/augment/clips.ts';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import { clipSource } from '../../../training/pools/clip-set.ts';
import type { Utterance } from '../../../training/pools/text-pool.ts';

const faces = EMOTIONS.map((emotion) => ({ emotion, weight: 1 }));
const blank = { text: 'so it was', weight: 1, emotions: undefined, sentiment: undefined };
const options = { slots: 4, composition: { ...DEFAULT_CLIP, variants: 1 } };

it('shows a score by faces of its polarity, not of what the teacher makes of it', () => {
  const utterance: Utterance = { ...blank, emotion: undefined, score: 2, taughtScore: -1 };
  const draw = random('clips');
  const next = clipSource(faces, [utterance], { ...options, scored: 1 });
  for (let i = 0; i < 20; i++)
    expect(next(draw)).toMatchObject({ emotion: 'happy', hasEmotion: false, score: 2, taughtScore: -1 });
});

it('gives a clip of an emotion no score', () => {
  const utterance: Utterance = { ...blank, emotion: 'sad', score: undefined };
  const clip = clipSource(faces, [utterance], { ...options, scored: 0 })(random('clips'));
  expect(clip).toMatchObject({ emotion: 'sad', hasEmotion: true });
  expect(clip.score).toBeUndefined();
  expect(clip.taughtScore).toBeUndefined();
});
