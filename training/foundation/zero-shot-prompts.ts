import type { Sentiment } from '../../models/model.ts';
import type { Emotion } from '../datasets/emotions.ts';

/** How prompts are put; `{}` is the word. Several are averaged, as CLIP's authors do (arXiv 2103.00020, section 3.1.4). */
const TEMPLATES = [
  'a photo of a {} person',
  'a close-up photo of a {} face',
  'a person who looks {}',
  'someone who feels {} and says so',
] as const;

const EMOTION_WORDS: Readonly<Record<Emotion, readonly string[]>> = {
  angry: ['angry', 'furious'],
  disgust: ['disgusted', 'repelled'],
  fear: ['afraid', 'frightened'],
  happy: ['happy', 'joyful'],
  neutral: ['calm', 'neutral'],
  sad: ['sad', 'unhappy'],
  surprise: ['surprised', 'astonished'],
};

const SENTIMENT_WORDS: Readonly<Record<Sentiment, readonly string[]>> = {
  negative: ['unhappy', 'angry', 'disappointed'],
  neutral: ['calm', 'indifferent'],
  positive: ['happy', 'pleased', 'delighted'],
};

/** Prompts whose embeddings, averaged, stand for an emotion. */
export function emotionPrompts(emotion: Emotion): string[] {
  return fill(EMOTION_WORDS[emotion]);
}

/** Prompts whose embeddings, averaged, stand for a sentiment. */
export function sentimentPrompts(sentiment: Sentiment): string[] {
  return fill(SENTIMENT_WORDS[sentiment]);
}

function fill(words: readonly string[]): string[] {
  return words.flatMap((word) => TEMPLATES.map((template) => template.replace('{}', word)));
}
