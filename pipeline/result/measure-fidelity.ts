import { packWindow } from '../memory/pack-window.ts';
import { cosine } from '../../models/cosine.ts';
import { meanVector } from './mean-vector.ts';
import type { SentimentModel } from '../../models/model.ts';
import type { Snapshot } from '../events.ts';

/**
 * Predicts a fully observed window once more with each modality masked: the cosine of what the heads synthesise for it
 * with the mean of what was observed. A call that fails leaves its modality out.
 */
export async function measureFidelity(model: SentimentModel, snapshot: Snapshot): Promise<Record<string, number>> {
  const cosines = snapshot.modalities.map(async ({ spec, slots }): Promise<[string, number][]> => {
    const observed = slots.flatMap(({ embedding }) => (embedding ? [embedding] : []));
    try {
      const { virtual } = await model.predict(packWindow(snapshot, model.info.dimension, [spec.name]));
      const synthesised = virtual[spec.name];
      return synthesised ? [[spec.name, cosine(synthesised, meanVector(observed, model.info.dimension))]] : [];
    } catch {
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(cosines)).flat());
}
