import type { HeadsConfig } from '../../models/heads/trml.ts';
import type { FaceFinderConfig } from '../../models/encoders/face-finder.ts';
import type { ImageEncoderConfig } from '../../models/encoders/image-encoder.ts';
import type { TextEncoderConfig } from '../../models/encoders/text-encoder.ts';
import type { AbsenceConfig } from '../../pipeline/absence/absence-masks.ts';
import type { FaceAugmentConfig } from '../augment/face-config.ts';
import type { ClipConfig } from '../augment/clips.ts';
import type { SceneConfig } from '../augment/scene.ts';
import type { TextAugmentConfig } from '../augment/text.ts';
import type { LoopConfig } from '../engine/train-loop.ts';
import type { CorpusConfig } from '../teacher/corpus.ts';

/**
 * A data set of the mix and how often its samples are drawn, relative to those of weight 1. In composed clips the
 * weights of faces decide how often each emotion is shown, and all faces of it are drawn alike.
 */
export interface MixEntry {
  readonly dataset: string;
  readonly weight: number;
}

export interface TextEntry extends MixEntry {
  /** `false` leaves the set's scores out, where they are on another footing; its sentiments stay. */
  readonly scores?: false;
  /** Share of the teacher's score in the target of a text that has a score; default 0. */
  readonly taught?: number;
}

/** Everything that decides what is trained, besides the data: plain values, saved with the run and in the manifest. */
export interface Recipe {
  readonly name: string;
  readonly version: string;
  readonly seed: number;
  readonly faces: readonly MixEntry[];
  /** Drawn faces in the mix: how many, and their weight. */
  readonly syntheticFaces: { readonly n: number; readonly weight: number };
  readonly texts: readonly TextEntry[];
  /** Real pairs of a picture and a text among the clips that the heads train on, and their share. */
  readonly pairs?: PairsConfig;
  readonly vocabulary: number;
  readonly image: ImageEncoderConfig;
  readonly text: Omit<TextEncoderConfig, 'vocabulary'>;
  readonly imageStage: ImageStageConfig;
  /** Finds the face in pictures that are no crops; without it they are cut to the square in their middle. */
  readonly finder?: FinderStageConfig;
  readonly textStage: TextStageConfig;
  readonly alignStage: AlignStageConfig;
  readonly heads: Omit<HeadsConfig, 'fill'>;
  readonly clips: HeadsStageConfig;
  readonly window: { readonly windowMs: number; readonly hopMs: number };
}

export interface PairsConfig {
  readonly dataset: string;
  readonly share: number;
  /**
   * The pairs' texts, with the polarity of the pair, among what the text encoder is trained on: their weight as of `texts`, and
   * which of its branches read them. The tokenizer isn't made of them.
   */
  readonly texts?: { readonly weight: number; readonly branches: readonly number[] };
}

/** The face finder, on faces in composed scenes. */
export interface FinderStageConfig {
  readonly model: FaceFinderConfig;
  readonly batch: number;
  readonly scene: SceneConfig;
  /** Weight of the squared errors of place and size. */
  readonly placeWeight: number;
  /** Data set whose pictures are shown, how many at most, and how a published detector tells which of them have faces. */
  readonly backgrounds?: { readonly dataset: string; readonly n: number; readonly sort: PictureSortConfig };
  /** One after the other, as those of the image encoder; the scenes go on where those of the round before ended. */
  readonly rounds: readonly LoopConfig[];
  /** How the finder is used; see `FaceFinder` in the manifest. */
  readonly use: { readonly fromSide: number; readonly frameSide: number; readonly minConfidence: number };
}

/** What a detector's confidences mean. */
export interface PictureSortConfig {
  /** A face, from this confidence on. */
  readonly face: number;
  /** A picture has no face if no box in it reaches this confidence. */
  readonly faceless: number;
  /** The smallest face that counts, as a share of the picture's shorter side. */
  readonly smallest: number;
}

/** The image encoder, on emotion. */
export interface ImageStageConfig {
  readonly batch: number;
  readonly labelSmoothing: number;
  /** One after the other, each from the averaged parameters of the one before with an optimiser anew (arXiv 1608.03983). */
  readonly rounds: readonly ImageRound[];
  /** Of the faces that the later stages see. */
  readonly augment: FaceAugmentConfig;
}

export interface ImageRound {
  /** Dropout rate of the features, in place of the encoder's. */
  readonly dropout: number;
  readonly augment: FaceAugmentConfig;
  /**
   * Share of the target that is what the encoder of the round before says of the face, in place of its smoothed label
   * (Furlanello et al., arXiv 1805.04770); without it the label is all of the target.
   */
  readonly taught?: number;
  readonly loop: LoopConfig;
}

/** The text encoder, each branch on emotion, sentiment and score. */
export interface TextStageConfig {
  readonly batch: number;
  readonly augment: TextAugmentConfig;
  /** Weights of the losses. */
  readonly weights: { readonly emotion: number; readonly sentiment: number; readonly score: number };
  readonly loop: LoopConfig;
  /** A larger sentence encoder to learn from; see `training/teacher`. */
  readonly teacher?: TeacherConfig;
}

/** Knowledge distillation from a published sentence encoder (Hinton et al., arXiv 1503.02531). */
export interface TeacherConfig {
  /** Sentences without labels to learn from beside the texts. */
  readonly corpus: CorpusConfig;
  /** Before the labels: a round in which a branch learns to say what the teacher says, from every text alike. */
  readonly round: { readonly batch: number; readonly dropout: number; readonly loop: LoopConfig };
  /** Weight of the distance to the teacher's embedding beside the losses of the labels. */
  readonly weight: number;
  /** The ridge regression that reads scores out of the teacher's embeddings: see `crossFitScores`. */
  readonly scores: { readonly penalty: number; readonly folds: number };
}

/** Alignment: the map from the text branches into the space of the faces; image encoder and branches stay as they are. */
export interface AlignStageConfig {
  readonly batch: number;
  /** Faces that a batch of texts is contrasted with. */
  readonly faces: number;
  /** Weight of the supervised contrastive loss, both directions together, beside those of `weights`. */
  readonly contrastive: number;
  /** Its temperature. */
  readonly tau: number;
  /** Weights of the text encoder's losses here. */
  readonly weights: TextStageConfig['weights'];
  readonly loop: LoopConfig;
}

/** The heads: temporal encoder, inference heads and task head on composed clips. */
export interface HeadsStageConfig {
  readonly batch: number;
  /** Share of clips whose utterance has a score; the others have an emotion. */
  readonly scored: number;
  /** Augmented versions of each face whose embeddings are kept. */
  readonly variants: number;
  /**
   * Length of the Gaussian noise on embeddings of length 1, by modality. The encoders know their training samples better
   * than any other; noise keeps the heads from trusting them as much as these deserve.
   */
  readonly noise: { readonly video: number; readonly text: number };
  readonly composition: ClipConfig;
  readonly absence: AbsenceConfig;
  /** Weight of semantic matching. */
  readonly alpha: number;
  /** Its temperature. */
  readonly tau: number;
  readonly symmetric: boolean;
  readonly weights: { readonly score: number; readonly sentiment: number; readonly emotion: number };
  readonly loop: LoopConfig;
}
