/**
 * What the rest of the program knows of a model: values and promises, no runtime.
 *
 * The pipeline, the server and the evaluation receive a {@link SentimentModel}; `models/runtime` makes real ones, tests
 * pass fakes. Nothing here assumes how many modalities there are, or which.
 */

/** The three classes of `sentimentLogits`, in order. */
export const SENTIMENTS = ['negative', 'neutral', 'positive'] as const;
export type Sentiment = (typeof SENTIMENTS)[number];

/** How a modality is encoded: one image per slot, or one text per window. */
export type ModalityKind = 'image' | 'text';

export interface ModalitySpec {
  /** Unique name, also the name of the heads' input: `video`, `text`. */
  readonly name: string;
  readonly kind: ModalityKind;
  /** Embeddings per window: n for frames, 1 for text. */
  readonly slots: number;
  /** Image kind: how the encoder's square input is cut from a picture, so that a video is decoded to just that. */
  readonly image?: ImageFit;
  /** Text kind: an adapter moves what the encoder gives. */
  readonly adapted?: true;
}

/** The manifest's image preprocessing. */
export interface ImageFit {
  /** Side of the square in pixels. */
  readonly size: number;
  readonly fit: 'cover' | 'contain' | 'stretch';
  readonly filter: 'area' | 'bicubic' | 'bilinear';
  /** `cover` of published models: the shorter side in pixels to which the whole picture is scaled before the cut. */
  readonly resize?: number | undefined;
  /** Shorter side in pixels of the whole pictures that the model cuts faces out of; nothing where it looks for none. */
  readonly whole?: number | undefined;
}

export interface DeviceInfo {
  readonly provider: 'cpu' | 'webgpu' | 'cuda';
  /** Adapter or processor name where known. */
  readonly name: string;
  /** Child processes that run inference. */
  readonly workers: number;
}

/**
 * Softmax temperature per presence pattern, fitted on validation data.
 * A pattern is every modality's source in manifest order, e.g. `video=observed,text=virtual`.
 */
export type Calibration = Readonly<Record<string, number>>;

/**
 * Cosine of what is synthesised for a modality with what was observed of it, by modality name, on the data that the
 * calibration was fitted on; nothing for a modality where it was not measured.
 */
export type UsualFidelity = Readonly<Record<string, number>>;

export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  /** sha256 of the bundle's manifest, hex. */
  readonly sha256: string;
  /** Name of the foundation model whose encoders the bundle uses; nothing where it has its own. */
  readonly foundation?: string | undefined;
  /** sha256 of the bundle that has the same encoders, where only heads and a text adapter were trained. */
  readonly encodersOf?: string | undefined;
  /** d: size of every embedding. */
  readonly dimension: number;
  /** W: media time that a window covers, in milliseconds. */
  readonly windowMs: number;
  /** H: default media time between predictions, in milliseconds. */
  readonly hopMs: number;
  readonly modalities: readonly ModalitySpec[];
  /** Class names of `emotionLogits`, in order. */
  readonly emotions: readonly string[];
  readonly calibration: Calibration;
  readonly fidelity: UsualFidelity;
  readonly device: DeviceInfo;
}

/** One image: a JPEG, WebP or PNG file's bytes, or packed 8-bit RGB rows (`width * height * 3` bytes). */
export type ImageInput =
  | { readonly kind: 'image'; readonly bytes: Uint8Array }
  | { readonly kind: 'rgb'; readonly width: number; readonly height: number; readonly data: Uint8Array };

export interface TextInput {
  readonly kind: 'text';
  readonly text: string;
}

export type EncoderInput = ImageInput | TextInput;

export interface EncodeOptions {
  /**
   * Asked when the batch of an image is put together, perhaps more than once: a newer one to encode in the place of the
   * last, or nothing. A model that does not queue need not ask.
   */
  readonly newer?: () => EncoderInput | undefined;
}

export interface Timing {
  /** Milliseconds between the call and the start of its batch. */
  readonly queueMs: number;
  /** Milliseconds that the batch took to compute. */
  readonly computeMs: number;
}

export interface Encoded {
  /** L2-normalised, length d. */
  readonly embedding: Float32Array;
  readonly timing: Timing;
}

/** What was observed of one modality in one window. */
export interface ModalityWindow {
  /** `slots * d` values, row-major, zeros where nothing was observed. */
  readonly embeddings: Float32Array;
  /** `slots` values: 1 where observed, else 0. */
  readonly mask: Float32Array;
}

/** Keyed by modality name; every modality of the model is present. */
export type WindowInput = Readonly<Record<string, ModalityWindow>>;

export interface Prediction {
  /** Sentiment in [-3, 3]. */
  readonly score: number;
  /** Logarithm of the predicted variance of `score`. */
  readonly logVariance: number;
  /** Logits over {@link SENTIMENTS}, uncalibrated. */
  readonly sentimentLogits: Float32Array;
  /** Logits over `ModelInfo.emotions`, uncalibrated. */
  readonly emotionLogits: Float32Array;
  /** Per modality the virtual embedding (length d, L2-normalised) that the inference heads synthesised. */
  readonly virtual: Readonly<Record<string, Float32Array>>;
  readonly timing: Timing;
}

/**
 * Encoders, inference heads and task head behind one interface. Calls may run at once; they are batched.
 *
 * Rejections are {@link UndertoneError}s with these codes:
 * `image_format`, `image_too_large`, `image_corrupt` (the input's fault); `no_face` (a model that looks for one sees none);
 * `inference_timeout`, `inference_crashed`, `inference_overloaded`, `embedding_not_finite`, `model_closed` (not the
 * input's fault).
 */
export interface SentimentModel {
  readonly info: ModelInfo;
  /** Encodes one input of a modality. */
  encode(modality: string, input: EncoderInput, options?: EncodeOptions): Promise<Encoded>;
  /** Synthesises what is missing and predicts. At least one slot of one modality must be observed. */
  predict(window: WindowInput): Promise<Prediction>;
  /** Predicts windows in one batch, in order; they resolve or reject together. Each needs an observed slot, too. */
  predictBatch(windows: readonly WindowInput[]): Promise<readonly Prediction[]>;
  /** Stops every worker; pending calls reject with `model_closed`. Idempotent. */
  close(): Promise<void>;
}
