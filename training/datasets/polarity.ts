import { SENTIMENTS, type Sentiment } from '../../models/model.ts';

/** Polarity of a score in [-3, 3]: its sign, as CMU-MOSI and CMU-MOSEI annotate it. */
export function polarityOfScore(score: number): Sentiment {
  if (score === 0) return 'neutral';
  return score < 0 ? 'negative' : 'positive';
}

/** The polarity of that name, in any case; undefined for a name of none. */
export function polarityOf(name: string): Sentiment | undefined {
  const key = name.trim().toLowerCase();
  return SENTIMENTS.find((sentiment) => sentiment === key);
}

/**
 * Joint polarity of two: equal gives that, a neutral one gives the other, opposed ones give undefined.
 *
 * The rule by which MVSA's text and image labels are joined (Xu and Mao, MultiSentiNet, CIKM 2017, section 4.1).
 */
export function jointPolarity(a: Sentiment, b: Sentiment): Sentiment | undefined {
  if (a === b || b === 'neutral') return a;
  return a === 'neutral' ? b : undefined;
}
