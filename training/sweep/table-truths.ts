import { SENTIMENTS } from '../../models/model.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import type { Truth } from '../evaluation/score-predictions.ts';
import type { ClipTable } from './clip-table.ts';

/** The labels of a table's clips; what a clip has none of is undefined. */
export function tableTruths({ n, score, sentiment, emotion }: ClipTable): Truth[] {
  return Array.from({ length: n }, (_, i) => {
    const known = score[i] ?? Number.NaN;
    return {
      score: Number.isNaN(known) ? undefined : known,
      sentiment: SENTIMENTS[sentiment[i] ?? -1],
      emotion: EMOTIONS[emotion[i] ?? -1],
    };
  });
}
