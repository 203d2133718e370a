import { z } from 'zod';

/** A file inside the bundle's folder: no absolute path, no parent folder. */
const BundleFile = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, 'a relative path inside the bundle');

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** How frames become the image encoder's input; the only place these constants live. */
export const ImagePreprocessing = z.strictObject({
  /** Side of the square input in pixels. */
  size: z.int().min(8).max(1024),
  /** `cover` centre-crops to a square; `contain` pads with black. */
  fit: z.enum(['cover', 'contain']),
  /** Resampling filter when shrinking. */
  filter: z.enum(['area', 'bicubic', 'bilinear']),
});
export type ImagePreprocessing = z.infer<typeof ImagePreprocessing>;

export const TextPreprocessing = z.strictObject({
  tokenizer: BundleFile,
  /** Longest input in tokens, special tokens included; longer text keeps its end. */
  max_tokens: z.int().min(4).max(4096),
  pad_id: z.int().min(0),
  lower_case: z.boolean(),
});

const EncoderBase = {
  file: BundleFile,
  output: z.string(),
};

/** `inputs.pixels`: uint8 [N, size, size, 3], RGB, rows from the top; mean and std are inside the graph. */
export const ImageModality = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  kind: z.literal('image'),
  slots: z.int().min(1).max(256),
  encoder: z.strictObject({
    ...EncoderBase,
    inputs: z.strictObject({ pixels: z.string() }),
    preprocessing: ImagePreprocessing,
  }),
});

/** `inputs.tokens`: int64 [N, L] padded with pad_id; `inputs.mask`: float32 [N, L], 1 on tokens. */
export const TextModality = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  kind: z.literal('text'),
  slots: z.literal(1),
  encoder: z.strictObject({
    ...EncoderBase,
    inputs: z.strictObject({ tokens: z.string(), mask: z.string() }),
    preprocessing: TextPreprocessing,
  }),
});

const Metrics = z.record(z.string(), z.union([z.number(), z.string(), z.null()]));

/**
 * `manifest.json` of a bundle (design section 4).
 *
 * The heads take, per modality, `NAME` float32 [N, slots, d] and `NAME_mask` float32 [N, slots], and give `score` [N],
 * `log_variance` [N], `sentiment_logits` [N, 3], `emotion_logits` [N, E] and per modality `virtual_NAME` [N, d].
 */
export const Manifest = z.strictObject({
  format: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  licence: z.string(),
  created: z.iso.datetime(),
  dimension: z.int().min(2).max(4096),
  window_ms: z.int().min(100).max(60_000),
  hop_ms: z.int().min(10).max(60_000),
  modalities: z.array(z.discriminatedUnion('kind', [ImageModality, TextModality])).min(1),
  emotions: z.array(z.string()).min(2),
  heads: z.strictObject({ file: BundleFile }),
  /** Softmax temperature per presence pattern; see `Calibration` in models/model.ts. */
  calibration: z.record(z.string(), z.number().positive()),
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
