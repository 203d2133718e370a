import { modalityWords } from './modality-words.ts';
import { signed } from './provenance-text.ts';
import type { Result } from '../../../sdk/index.ts';

/** What the same moment would score from one stream alone, and with zeros in the place of synthesis. */
export function counterfactualText({ only, zeroFilled }: NonNullable<Result['counterfactuals']>): string {
  const alone = Object.entries(only).map(([name, score]) => `${modalityWords(name).title} alone ${orNothing(score)}`);
  return [...alone, `zeros for synthesis ${orNothing(zeroFilled)}`].join(', ');
}

function orNothing(score: number | null): string {
  return score === null ? 'nothing' : signed(score);
}
