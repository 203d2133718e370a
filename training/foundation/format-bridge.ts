import type { BridgeEvaluation, Spread } from './evaluate-bridge.ts';
import type { RetrievalFigures } from './retrieval.ts';
import type { ZeroShotFigures } from './zero-shot.ts';

export interface HeadsReport {
  readonly retrieval: RetrievalFigures;
  readonly zeroShot?: ZeroShotFigures;
  readonly synthesis: BridgeEvaluation;
}

/** The report of `undertone heads` as text: each synthesis with its cosine and its R@1 side by side. */
export function formatBridge({ retrieval, zeroShot, synthesis }: HeadsReport): string {
  const { methods, candidates, folds, seeds, trainedOn, chosen } = synthesis;
  const names = Object.keys(methods);
  const width = Math.max(...names.map((name) => name.length), 'chance'.length) + 2;
  const table = (way: 'textToVisual' | 'visualToText'): string[] => [
    `${'chance'.padEnd(width)}${''.padEnd(24)}${(1 / candidates).toFixed(3)}`,
    ...names.map((name) => {
      const { cosine, recallAt1 } = methods[name]?.[way] ?? { cosine: NONE, recallAt1: NONE };
      return `${name.padEnd(width)}${text(cosine).padEnd(24)}${text(recallAt1)}`;
    }),
  ];
  const head = `${''.padEnd(width)}${'cosine'.padEnd(24)}R@1 of ${candidates}`;
  return [
    `retrieval of ${retrieval.images} images and ${retrieval.captions} captions: caption to image R@1 ${retrieval.captionToImage.toFixed(3)}, image to caption R@1 ${retrieval.imageToCaption.toFixed(3)} (chance ${(1 / retrieval.images).toFixed(3)})`,
    ...(zeroShot === undefined
      ? []
      : [
          `zero-shot among ${zeroShot.classes} class names, ${zeroShot.images} images whose captions name one: ${zeroShot.top1.toFixed(3)} (chance ${zeroShot.chance.toFixed(3)}, most frequent ${zeroShot.mostFrequent.toFixed(3)})`,
        ]),
    `synthesis: ${folds} folds, trained on ${trainedOn} pairs, tested on ${candidates}, drawn ${seeds.length} times; mean (least to most of a fold)`,
    '',
    `Text-2-Visual`,
    head,
    ...table('textToVisual'),
    '',
    `Visual-2-Text`,
    head,
    ...table('visualToText'),
    '',
    `closeness chosen inside each fold: ${chosen.map(({ textToVisual, visualToText }) => `${textToVisual}/${visualToText}`).join(' ')}`,
  ].join('\n');
}

const NONE: Spread = { mean: Number.NaN, min: Number.NaN, max: Number.NaN };

function text({ mean, min, max }: Spread): string {
  return `${mean.toFixed(3)} (${min.toFixed(3)} to ${max.toFixed(3)})`;
}
