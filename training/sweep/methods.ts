import type { HeadsConfig } from '../../models/heads/trml.ts';
import type { AdamWConfig } from '../engine/adamw.ts';
import type { Modality } from './loss.ts';

/** Hyperparameters of the late-fusion transformer. */
export interface LateFusionConfig {
  readonly layers: number;
  readonly width: number;
  readonly dropout: number;
}

/** A way to predict from what is left. */
export interface Method {
  readonly name: string;
  /** What it does, for the report. */
  readonly title: string;
  /** TRML's heads, a transformer per modality fused late, one modality alone, or nothing that is trained. */
  readonly net: 'trml' | 'late-fusion' | Modality | 'none';
  /** What stands for what is missing: a virtual embedding or an absence that the net sees; zeros; the mean; the last. */
  readonly fill: 'net' | 'zero' | 'mean' | 'last';
  /** Whether training drops modalities and frames of its own. */
  readonly drops: boolean;
  /** Departures from the recipe's heads. */
  readonly heads?: Partial<HeadsConfig>;
  /** Departures from the recipe's semantic matching. */
  readonly matching?: {
    readonly alpha?: number;
    readonly tau?: number;
    readonly symmetric?: boolean;
    /** Weight of the distance to the real embedding, which the paper does not have. */
    readonly pull?: number;
  };
  /** Departures from the recipe's optimiser. */
  readonly optimizer?: Partial<AdamWConfig>;
  /** Slots of the clips, where not the bundle's. */
  readonly slots?: number;
  /** Largest learning rate; tuned. */
  readonly peak?: number;
  /** Of the late-fusion transformer; tuned. */
  readonly lateFusion?: LateFusionConfig;
}

const define = (name: string, title: string, rest: Partial<Method> = {}): Method => ({
  name,
  title,
  net: 'trml',
  fill: 'net',
  drops: true,
  ...rest,
});

export const TRML: Method = define('trml', 'TRML: virtual embeddings, semantic matching');

/** TRML and what it is compared with. */
export const METHODS: readonly Method[] = [
  TRML,
  define('zero-complete', 'zeros, trained on what is there', { fill: 'zero', drops: false }),
  define('zero-dropout', 'zeros, trained with modality dropout', { fill: 'zero' }),
  define('mean', "the training data's mean, trained with modality dropout", { fill: 'mean' }),
  define('last', 'last frame held, zeros before the first; trained with modality dropout', { fill: 'last' }),
  define('video-only', 'video alone', { net: 'video' }),
  define('text-only', 'text alone', { net: 'text' }),
  define('late-fusion', 'late-fusion transformer, tuned, trained with modality dropout', { net: 'late-fusion' }),
];

/** What every other number is to be read beside: it looks at nothing, and is part of every report. */
export const TRIVIAL: Method = define('trivial', 'the most frequent class and the mean score of the training clips', {
  net: 'none',
  drops: false,
});

/** TRML with one thing changed at a time; the first is the method itself. */
export const ABLATIONS: readonly Method[] = [
  define('trml', 'TRML as in the recipe'),
  define('no-matching', 'without semantic matching', { matching: { alpha: 0 } }),
  define('one-sided', 'matching by rows only', { matching: { symmetric: false } }),
  define('alpha-0.05', 'alpha 0.05', { matching: { alpha: 0.05 } }),
  define('alpha-0.5', 'alpha 0.5', { matching: { alpha: 0.5 } }),
  define('alpha-1', 'alpha 1', { matching: { alpha: 1 } }),
  define('tau-0.05', 'tau 0.05', { matching: { tau: 0.05 } }),
  define('tau-0.2', 'tau 0.2', { matching: { tau: 0.2 } }),
  define('pull-1', 'matching, and a pull towards the real embedding', { matching: { pull: 1 } }),
  define('depth-2', 'inference heads of two hidden layers', { heads: { depth: 2 } }),
  define('depth-3', 'inference heads of three hidden layers', { heads: { depth: 3 } }),
  define('width-64', 'inference heads 64 wide', { heads: { inference: 64 } }),
  define('width-512', 'inference heads 512 wide', { heads: { inference: 512 } }),
  define('adam', 'Adam: no weight decay', { optimizer: { weightDecay: 0 } }),
  define('no-momentum', 'no momentum, as RMSprop', { optimizer: { beta1: 0 } }),
  define('transformer', 'transformer over the slots', { heads: { pooling: 'transformer' } }),
  define('mean-pooling', 'mean over the slots', { heads: { pooling: 'mean' } }),
  define('drop-frames', 'missing frames dropped, not filled', { heads: { frames: 'drop' } }),
  define('slots-2', '2 slots', { slots: 2 }),
  define('slots-4', '4 slots', { slots: 4 }),
  define('slots-16', '16 slots', { slots: 16 }),
];

/** Whether a loss of that modality changes what a method sees. */
export function uses({ net }: Method, modality: Modality): boolean {
  return net === 'trml' || net === 'late-fusion' || net === modality;
}

/** Learning rates that a method is tuned over; a transformer does not bear the highest. */
const PEAKS: Readonly<Record<Method['net'], readonly number[]>> = {
  trml: [3e-3, 1e-2, 3e-2],
  video: [3e-3, 1e-2, 3e-2],
  text: [3e-3, 1e-2, 3e-2],
  'late-fusion': [1e-3, 3e-3, 1e-2],
  none: [],
};

/** Shapes that the late-fusion transformer is tuned over as well. */
export const LATE_FUSION_GRID: readonly LateFusionConfig[] = [1, 2].flatMap((layers) =>
  [64, 128].map((width) => ({ layers, width, dropout: 0.2 })),
);

/** What a method is tuned over: the learning rate, of the late-fusion transformer its shape too. */
export function candidates(method: Method): readonly Method[] {
  const shapes = method.net === 'late-fusion' ? LATE_FUSION_GRID.map((lateFusion) => ({ lateFusion })) : [{}];
  return shapes.flatMap((shape) => PEAKS[method.net].map((peak) => ({ ...method, ...shape, peak })));
}
