import type { Sentiment } from '../../models/model.ts';
import type { Emotion } from './emotions.ts';

/** One labelled item of a data set; what the data set does not say is undefined. */
export interface Sample {
  /** Unique within the data set. */
  readonly id: string;
  /** Name of the split as the data set spells it. */
  readonly split: string;
  /** Repaired by `cleanText`; case as published. */
  readonly text?: string | undefined;
  /**
   * Reads the bytes of the JPEG, PNG or WebP file; each call reads anew.
   * @throws UndertoneError `data_image` when the bytes are gone or are no image.
   */
  readonly image?: (() => Uint8Array) | undefined;
  /** Path of the clip, where its file is there; the text's time in it is the whole of it. */
  readonly video?: string | undefined;
  /** One class of {@link EMOTIONS}. */
  readonly emotion?: Emotion | undefined;
  /** Distribution over {@link EMOTIONS}, sums to 1; given where an item may have several labels. */
  readonly emotions?: readonly number[] | undefined;
  /** Polarity of the whole item. */
  readonly sentiment?: Sentiment | undefined;
  /** In [-3, 3]. */
  readonly score?: number | undefined;
  /** What belongs together, e.g. a video or a dialogue; never cut through it when splitting. */
  readonly group?: string | undefined;
}
