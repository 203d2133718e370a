import { modalityGap, moveAcross } from './modality-gap.ts';
import { measureText, measureVisual, type SynthesisQuality } from './measure-synthesis.ts';
import { meanOf, unit, type EmbeddingPairs } from './pairs.ts';
import { ridgeMap } from './ridge-map.ts';

/** Quality in both directions. */
export interface BothWays {
  readonly textToVisual: SynthesisQuality;
  readonly visualToText: SynthesisQuality;
}

/** What a trained head is compared with: each filled from the training pairs alone. */
export const BASELINES = ['mean', 'raw', 'gap-moved', 'ridge'] as const;
export type Baseline = (typeof BASELINES)[number];

/** Strength of the ridge map, on embeddings of length 1. */
const RIDGE = 1;

/**
 * Synthesis without a head on pairs that were held out: the mean embedding of the other modality (which tells nothing
 * apart), the embedding itself, the embedding moved across the modality gap, and a ridge regression.
 */
export function measureBaselines(train: EmbeddingPairs, test: EmbeddingPairs): Record<Baseline, BothWays> {
  const texts = train.captions.flat();
  const textTargets = train.captions.flatMap((own, i) => own.map(() => train.images[i] as Float32Array));
  const gap = modalityGap(texts, train.images);
  const back = gap.map((value) => -value);
  const toVisual = ridgeMap(texts, textTargets, RIDGE);
  const toText = ridgeMap(train.images, train.captions.map(meanOf), RIDGE);
  const meanImage = unit(meanOf(train.images));
  const meanText = unit(meanOf(texts));
  const maps: Record<Baseline, readonly [Map, Map]> = {
    mean: [() => meanImage, () => meanText],
    raw: [(text) => text, (image) => image],
    'gap-moved': [(text) => moveAcross(text, gap), (image) => moveAcross(image, back)],
    ridge: [(text) => unit(toVisual(text)), (image) => unit(toText(image))],
  };
  const measured = BASELINES.map((name) => {
    const [visual, text] = maps[name];
    return [name, measureMaps(test, visual, text)] as const;
  });
  return Object.fromEntries(measured) as Record<Baseline, BothWays>;
}

type Map = (embedding: Float32Array) => Float32Array;

/** Measures a pair of maps on pairs that neither has seen. */
function measureMaps(test: EmbeddingPairs, visual: Map, text: Map): BothWays {
  return {
    textToVisual: measureVisual(
      test.captions.map((own) => own.map(visual)),
      test.images,
    ),
    visualToText: measureText(test.images.map(text), test.captions),
  };
}
