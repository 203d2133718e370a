import { SENTIMENTS, type Sentiment } from '../../models/model.ts';
import { EMOTION_SENTIMENT, EMOTIONS, type Emotion } from '../datasets/emotions.ts';
import type { Dataset } from '../datasets/open-dataset.ts';
import type { TextEntry } from '../recipes/recipe.ts';

/** One labelled text of the mix; what is not labelled is undefined. */
export interface Utterance {
  readonly text: string;
  readonly weight: number;
  /** Distribution over EMOTIONS. */
  readonly emotions: readonly number[] | undefined;
  /** The one emotion, where there is one. */
  readonly emotion: Emotion | undefined;
  readonly sentiment: Sentiment | undefined;
  readonly score: number | undefined;
  /** Share of the teacher's score in the target, where there is a score. */
  readonly taught?: number | undefined;
  /** The score mixed so: what its words alone let one say. */
  readonly taughtScore?: number | undefined;
  /** The only branches of the text encoder that read it; all unless given. */
  readonly branches?: readonly number[] | undefined;
}

/** Whether a branch of the text encoder is trained on a text. */
export function isReadBy({ branches }: Pick<Utterance, 'branches'>, branch: number): boolean {
  return branches === undefined || branches.includes(branch);
}

/** The texts of a split that have a label; their scores too, unless `scores` is false. */
export function readUtterances(
  dataset: Dataset,
  split: string,
  { weight, scores, taught }: Pick<TextEntry, 'weight' | 'taught'> & { readonly scores?: boolean | undefined },
): Utterance[] {
  return dataset.samples(split).flatMap(({ text, emotion, emotions, sentiment, score: rated }) => {
    const score = scores === false ? undefined : rated;
    if (text === undefined || text === '') return [];
    const shares = emotions ?? (emotion === undefined ? undefined : EMOTIONS.map((name) => Number(name === emotion)));
    const polarity = sentiment ?? (emotion === undefined ? undefined : EMOTION_SENTIMENT[emotion]);
    if (shares === undefined && polarity === undefined && score === undefined) return [];
    return [{ text, weight, emotions: shares, emotion, sentiment: polarity, score, taught }];
  });
}

/** One-hot row of a sentiment, or zeros. */
export function sentimentRow(sentiment: Sentiment | undefined): number[] {
  return SENTIMENTS.map((name) => Number(name === sentiment));
}
