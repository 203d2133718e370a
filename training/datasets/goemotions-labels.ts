import type { Sentiment } from '../../models/model.ts';
import type { Emotion } from './emotions.ts';

export interface GoEmotionsLabel {
  readonly emotion: Emotion;
  /** Undefined for the group that GoEmotions calls ambiguous. */
  readonly sentiment: Sentiment | undefined;
}

const label = (emotion: Emotion, sentiment?: Sentiment): GoEmotionsLabel => ({ emotion, sentiment });

/**
 * The 28 labels of GoEmotions in the order of their ids, each with its Ekman class and its sentiment group
 * (`ekman_mapping.json` and `sentiment_mapping.json` of google-research/goemotions; Demszky et al., ACL 2020).
 */
export const GOEMOTIONS_LABELS: ReadonlyMap<string, GoEmotionsLabel> = new Map([
  ['admiration', label('happy', 'positive')],
  ['amusement', label('happy', 'positive')],
  ['anger', label('angry', 'negative')],
  ['annoyance', label('angry', 'negative')],
  ['approval', label('happy', 'positive')],
  ['caring', label('happy', 'positive')],
  ['confusion', label('surprise')],
  ['curiosity', label('surprise')],
  ['desire', label('happy', 'positive')],
  ['disappointment', label('sad', 'negative')],
  ['disapproval', label('angry', 'negative')],
  ['disgust', label('disgust', 'negative')],
  ['embarrassment', label('sad', 'negative')],
  ['excitement', label('happy', 'positive')],
  ['fear', label('fear', 'negative')],
  ['gratitude', label('happy', 'positive')],
  ['grief', label('sad', 'negative')],
  ['joy', label('happy', 'positive')],
  ['love', label('happy', 'positive')],
  ['nervousness', label('fear', 'negative')],
  ['optimism', label('happy', 'positive')],
  ['pride', label('happy', 'positive')],
  ['realization', label('surprise')],
  ['relief', label('happy', 'positive')],
  ['remorse', label('sad', 'negative')],
  ['sadness', label('sad', 'negative')],
  ['surprise', label('surprise')],
  ['neutral', label('neutral', 'neutral')],
]);
