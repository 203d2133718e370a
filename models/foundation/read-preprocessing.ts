import { z } from 'zod';
import type { ImagePreprocessing, ImageTensor } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';

const Side = z.union([
  z.int().positive(),
  z.object({ shortest_edge: z.int().positive() }),
  z.object({ height: z.int().positive(), width: z.int().positive() }),
]);
const Triple = z.tuple([z.number(), z.number(), z.number()]);

/** The parts of a published image processor that decide what the encoder sees. */
const PreprocessorConfig = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().default(true),
  size: Side,
  resample: z.int().default(3),
  // Null, as some releases write it, means none.
  do_center_crop: z.boolean().nullish(),
  crop_size: Side.nullish().transform((side) => side ?? undefined),
  do_rescale: z.boolean().default(true),
  rescale_factor: z.number().default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: Triple.optional(),
  image_std: Triple.optional(),
});

/** Filters of Pillow by their number. */
const FILTERS: Readonly<Record<number, ImagePreprocessing['filter']>> = { 2: 'bilinear', 3: 'bicubic', 4: 'area' };

export interface PublishedInput {
  readonly preprocessing: ImagePreprocessing;
  readonly tensor: ImageTensor;
}

/** `processor_config.json` of a whole processor, as transformers 5 saves it. */
const Processor = z.object({ image_processor: z.looseObject({}) });

/**
 * Reads how a published model wants its images: `preprocessor_config.json` of the Hugging Face image processors, or
 * `processor_config.json`, which has it inside.
 *
 * @throws UndertoneError `foundation_config` for what this program does not do
 */
export function readPreprocessing(json: unknown): PublishedInput {
  const inside = Processor.safeParse(json);
  const parsed = PreprocessorConfig.safeParse(inside.success ? inside.data.image_processor : json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  }
  const config = parsed.data;
  const filter = FILTERS[config.resample];
  if (!config.do_resize || !config.do_rescale) throw invalid('images must be resized and rescaled');
  if (filter === undefined) throw invalid(`resample ${config.resample} is not bilinear, bicubic or box`);
  if (Math.abs(config.rescale_factor * 255 - 1) > 1e-4)
    throw invalid(`rescale_factor ${config.rescale_factor} is not 1/255`);
  return { preprocessing: { ...geometry(config), filter }, tensor: tensorOf(config) };
}

type Config = z.infer<typeof PreprocessorConfig>;

function geometry(config: Config): Omit<ImagePreprocessing, 'filter'> {
  const type = `${config.image_processor_type ?? ''}${config.feature_extractor_type ?? ''}`;
  const isClip = /clip/i.test(type);
  const crops =
    config.do_center_crop === undefined ? config.crop_size !== undefined || isClip : config.do_center_crop === true;
  if (!crops) {
    // CLIP's processor takes one number as that of the shorter side, the others as that of both.
    const size = typeof config.size === 'number' && isClip ? undefined : equalSides(config.size);
    if (size === undefined) throw invalid('a size without a crop must be a square');
    return { size, fit: 'stretch' };
  }
  const crop = config.crop_size === undefined ? undefined : equalSides(config.crop_size);
  if (crop === undefined && config.crop_size !== undefined) throw invalid('a crop must be a square');
  const resize =
    typeof config.size === 'object' && 'shortest_edge' in config.size ? config.size.shortest_edge : undefined;
  const scaled = resize ?? (typeof config.size === 'number' ? config.size : undefined);
  if (scaled === undefined) {
    const size = equalSides(config.size);
    if (size === undefined || (crop ?? size) !== size) throw invalid('a size of two sides with a smaller crop');
    return { size, fit: 'stretch' };
  }
  const size = crop ?? scaled;
  if (size > scaled) throw invalid(`a crop of ${size} out of ${scaled} pixels`);
  return { size, fit: 'cover', resize: scaled };
}

/** The side of a square; nothing for two others, or for that of the shorter side alone. */
function equalSides(side: z.infer<typeof Side>): number | undefined {
  if (typeof side === 'number') return side;
  return 'height' in side && side.height === side.width ? side.height : undefined;
}

function tensorOf({ do_normalize, image_mean, image_std }: Config): ImageTensor {
  if (!do_normalize) return { layout: 'nchw', mean: [0, 0, 0], std: [1, 1, 1] };
  if (image_mean === undefined || image_std === undefined) throw invalid('image_mean or image_std is missing');
  if (image_std.some((value) => !(value > 0))) throw invalid('image_std must be positive');
  return { layout: 'nchw', mean: image_mean, std: image_std };
}

function invalid(why: string): UndertoneError {
  return new UndertoneError(
    'foundation_config',
    `the model's image processor asks for what this program does not do (${why}); choose another model`,
  );
}
