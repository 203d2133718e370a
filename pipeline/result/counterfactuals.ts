import { clipScore } from './clip-score.ts';
import { told } from './told.ts';
import { packWindow } from '../memory/pack-window.ts';
import type { Prediction, WindowInput } from '../../models/model.ts';
import { zeroFilled } from '../../models/zero-filled.ts';
import type { Snapshot } from '../events.ts';
import type { Counterfactuals } from '../protocol/index.ts';

/** What the same window would have been with other inputs. */
export interface CounterfactualQuestions {
  /** To predict together with the window itself, in one batch. */
  readonly windows: readonly WindowInput[];
  /** @param predictions of the window itself and of `windows`, in that order */
  answer(predictions: readonly Prediction[]): Counterfactuals;
}

/** Where nothing was observed there is nothing to ask. */
export function noCounterfactuals({ modalities }: Snapshot): Counterfactuals {
  return { as_is: null, only: Object.fromEntries(modalities.map(({ spec }) => [spec.name, null])), zero_filled: null };
}

/**
 * Asks what a window would score with one modality alone, the others synthesised, and with zeros in the place of
 * synthesis. A variant that is the window itself is not predicted again; a modality that was not observed at all has no
 * score of its own.
 *
 * @param window the snapshot as it is packed for the heads
 */
export function askCounterfactuals(
  snapshot: Snapshot,
  window: WindowInput,
  dimension: number,
): CounterfactualQuestions {
  const windows: WindowInput[] = [];
  // Index of its prediction: that of the window itself comes first.
  const ask = (variant: WindowInput): number => windows.push(variant);
  const seen = snapshot.modalities.filter(({ slots }) => slots.some(({ embedding }) => embedding));
  const complete = snapshot.modalities.every(({ slots }) => slots.every(({ embedding }) => embedding));
  const asIs = 0;
  const only = snapshot.modalities.map(({ spec }): [string, number | null] => {
    if (!seen.some((other) => other.spec.name === spec.name)) return [spec.name, null];
    if (seen.length === 1) return [spec.name, asIs];
    const masked = seen.map((other) => other.spec.name).filter((name) => name !== spec.name);
    return [spec.name, ask(packWindow(snapshot, dimension, masked))];
  });
  const zeros = complete ? asIs : ask(zeroFilled(window));
  return {
    windows,
    answer(predictions) {
      const scoreOf = (index: number | null): number | null => {
        const score = index === null ? undefined : predictions[index]?.score;
        return score === undefined || !Number.isFinite(score) ? null : told(clipScore(score));
      };
      return {
        as_is: scoreOf(asIs),
        only: Object.fromEntries(only.map(([name, index]) => [name, scoreOf(index)])),
        zero_filled: scoreOf(zeros),
      };
    },
  };
}
