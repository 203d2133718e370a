import type { Sentiment } from '../../models/model.ts';

/** The emotion classes of the bundled model, in order. */
export const EMOTIONS = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'] as const;
export type Emotion = (typeof EMOTIONS)[number];

/** Polarity of an emotion; surprise goes either way, so it has none. */
export const EMOTION_SENTIMENT: Readonly<Record<Emotion, Sentiment | undefined>> = {
  angry: 'negative',
  disgust: 'negative',
  fear: 'negative',
  happy: 'positive',
  neutral: 'neutral',
  sad: 'negative',
  surprise: undefined,
};

/** Names that the data sets use for one class, in lower case. */
const NAMES: Readonly<Record<string, Emotion>> = {
  anger: 'angry',
  angry: 'angry',
  disgust: 'disgust',
  disgusted: 'disgust',
  fear: 'fear',
  fearful: 'fear',
  happiness: 'happy',
  happy: 'happy',
  joy: 'happy',
  neutral: 'neutral',
  sad: 'sad',
  sadness: 'sad',
  surprise: 'surprise',
  surprised: 'surprise',
};

/** The class that a data set's emotion name means, in any case; undefined for a name of none. */
export function emotionOf(name: string): Emotion | undefined {
  const key = name.trim().toLowerCase();
  return Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
}

/** Distribution over {@link EMOTIONS} with equal mass per entry; undefined for an empty list. */
export function emotionShares(emotions: readonly Emotion[]): number[] | undefined {
  if (emotions.length === 0) return undefined;
  return EMOTIONS.map((emotion) => emotions.filter((each) => each === emotion).length / emotions.length);
}

/** The only largest class of a distribution over {@link EMOTIONS}; undefined on a tie. */
export function topEmotion(shares: readonly number[]): Emotion | undefined {
  const largest = Math.max(...shares);
  const top = EMOTIONS.filter((_, index) => shares[index] === largest);
  return top.length === 1 ? top[0] : undefined;
}
