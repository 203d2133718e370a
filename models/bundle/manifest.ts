import { z } from 'zod';
import { BUNDLE_NAME } from './bundle-name.ts';

/** A file inside the bundle's folder: no absolute path, no parent folder. */
export const BundleFile = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, 'a relative path inside the bundle');

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 of 64 hex digits');

/** How frames become the image encoder's input; the only place these constants live. */
export const ImagePreprocessing = z.strictObject({
  /** Side of the square input in pixels. */
  size: z.int().min(8).max(1024),
  /** `cover` centre-crops to a square; `contain` pads with black; `stretch` scales both sides to `size`. */
  fit: z.enum(['cover', 'contain', 'stretch']),
  /** Resampling filter when shrinking. */
  filter: z.enum(['area', 'bicubic', 'bilinear']),
  /**
   * `cover` of published models: the whole picture is scaled first, its shorter side to this many pixels, and the square
   * of `size` is cut from its centre. Without it the square is cut first.
   */
  resize: z.int().min(8).max(2048).optional(),
});
export type ImagePreprocessing = z.infer<typeof ImagePreprocessing>;

export const TextPreprocessing = z.strictObject({
  tokenizer: BundleFile,
  /** Longest input in tokens, special tokens included; longer text keeps its end. */
  max_tokens: z.int().min(4).max(4096),
  pad_id: z.int().min(0),
  lower_case: z.boolean(),
  /** Which end of a longer text is kept; the default is `end`, where the newest words are. */
  keep: z.enum(['start', 'end']).optional(),
  /** Every text is padded to this many tokens; without it to the longest of its batch, which changes nothing. */
  pad_to: z.int().min(4).max(4096).optional(),
  /** How the model's authors clean texts before the tokenizer: see `cleanText`. */
  clean: z.enum(['clip', 'siglip']).optional(),
});
export type TextPreprocessing = z.infer<typeof TextPreprocessing>;

const EncoderBase = {
  file: BundleFile,
  output: z.string(),
  /** The only batch size that the graph takes, where it is fixed. */
  batch: z.int().min(1).max(1).optional(),
};

/** What the graph takes instead of uint8 HWC: float32 [N, 3, size, size], (value / 255 - mean) / std per channel. */
export const ImageTensor = z.strictObject({
  layout: z.literal('nchw'),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
});
export type ImageTensor = z.infer<typeof ImageTensor>;

/**
 * What looks for the face in a picture, so that the encoder gets the square around it. `inputs.pixels`: uint8
 * [N, size, size, 3], RGB, the whole picture scaled to fit, black around it; the output is described by `faceFinder`.
 */
export const FaceFinder = z.strictObject({
  file: BundleFile,
  output: z.string(),
  inputs: z.strictObject({ pixels: z.string() }),
  size: z.int().min(8).max(1024),
  /** Cells along a side of the output's grid. */
  cells: z.int().min(1).max(256),
  /** Pictures whose shorter side has fewer pixels are crops of faces already, and are fitted as they are. */
  from_side: z.int().min(8).max(1024),
  /** Shorter side in pixels that recordings are decoded to for it. */
  frame_side: z.int().min(16).max(2048),
  /** Below this probability of a face a picture has none, and is not encoded (`no_face`). */
  min_confidence: z.number().min(0).max(1),
});
export type FaceFinder = z.infer<typeof FaceFinder>;

/** `inputs.pixels`: uint8 [N, size, size, 3], RGB, rows from the top, unless `tensor` says otherwise. */
export const ImageEncoder = z.strictObject({
  ...EncoderBase,
  inputs: z.strictObject({ pixels: z.string() }),
  tensor: ImageTensor.optional(),
  preprocessing: ImagePreprocessing,
  finder: FaceFinder.optional(),
});
export type ImageEncoder = z.infer<typeof ImageEncoder>;

/** `inputs.tokens`: int64 [N, L] padded with pad_id; `inputs.mask`: [N, L], 1 on tokens, float32 unless `mask_type` says otherwise. */
export const TextEncoder = z.strictObject({
  ...EncoderBase,
  inputs: z.strictObject({ tokens: z.string(), mask: z.string().optional() }),
  mask_type: z.enum(['float32', 'int64']).optional(),
  preprocessing: TextPreprocessing,
});
export type TextEncoder = z.infer<typeof TextEncoder>;

/**
 * What moves the encoder's embeddings; see `lexicalAdapter`. `inputs.tokens`: int64 [N, L], padded with the encoder's pad_id;
 * `inputs.embedding` and the output: [N, d], L2-normalised.
 */
export const TextAdapter = z.strictObject({
  file: BundleFile,
  output: z.string(),
  inputs: z.strictObject({ tokens: z.string(), embedding: z.string() }),
});
export type TextAdapter = z.infer<typeof TextAdapter>;

/** As the wire takes them. */
const ModalityName = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/);

const ImageModality = z.strictObject({
  name: ModalityName,
  kind: z.literal('image'),
  slots: z.int().min(1).max(256),
  encoder: ImageEncoder,
});

const TextModality = z.strictObject({
  name: ModalityName,
  kind: z.literal('text'),
  slots: z.literal(1),
  encoder: TextEncoder,
  adapter: TextAdapter.optional(),
});

/** A foundation model at one revision of its source: what decides whether embeddings can be compared. */
export const FoundationRef = z.strictObject({
  name: z.string().regex(BUNDLE_NAME),
  revision: z.string().regex(BUNDLE_NAME),
});
export type FoundationRef = z.infer<typeof FoundationRef>;

const Metrics = z.record(z.string(), z.union([z.number(), z.string(), z.null()]));

/**
 * `manifest.json` of a bundle (design section 4).
 *
 * The heads take, per modality, `NAME` float32 [N, slots, d] and `NAME_mask` float32 [N, slots], and give `score` [N],
 * `log_variance` [N], `sentiment_logits` [N, 3], `emotion_logits` [N, E] and per modality `virtual_NAME` [N, d].
 */
export const Manifest = z.strictObject({
  format: z.literal(1),
  name: z.string().regex(BUNDLE_NAME),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version like 1.0.0'),
  licence: z.string(),
  created: z.iso.datetime(),
  /**
   * The foundation model whose embeddings the heads were made for. Its encoders are used from where it is installed; the
   * bundle then holds the heads alone, and `encoder` tells what they were when it was made.
   */
  foundation: FoundationRef.optional(),
  /** The bundle that has the same encoders, where only heads and a text adapter were trained: what it prepared holds for this one, too. */
  encoders_of: z.strictObject({ name: z.string(), version: z.string(), sha256: Sha256 }).optional(),
  dimension: z.int().min(2).max(4096),
  window_ms: z.int().min(100).max(60_000),
  hop_ms: z.int().min(10).max(60_000),
  modalities: z.array(z.discriminatedUnion('kind', [ImageModality, TextModality])).min(1),
  emotions: z.array(z.string()).min(2),
  heads: z.strictObject({ file: BundleFile }),
  /** Softmax temperature per presence pattern; see `Calibration` in models/model.ts. */
  calibration: z.record(z.string(), z.number().positive()),
  /** Usual fidelity per modality; see `UsualFidelity` in models/model.ts. */
  fidelity: z.record(z.string(), z.number().min(-1).max(1)).optional(),
  /** sha256 of every other file of the bundle. */
  files: z.record(BundleFile, Sha256),
  /** How it was made: recipe configuration, seed, parameter counts. */
  training: z.record(z.string(), z.unknown()),
  /** Names, splits and sizes of the data sets. */
  data: z.array(z.strictObject({ name: z.string(), split: z.string(), n: z.int(), licence: z.string() })),
  /** Measured metrics per evaluation and presence pattern, with the trivial baseline beside them. */
  metrics: z.array(
    z.strictObject({
      dataset: z.string(),
      split: z.string(),
      n: z.int(),
      missing: z.string(),
      metrics: Metrics,
      baseline: Metrics,
    }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;
export type ManifestModality = Manifest['modalities'][number];
