import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { resolveInside } from '../bundle/resolve-inside.ts';
import type { ImageEncoder, TextEncoder } from '../bundle/manifest.ts';
import { type TextTokenizer, loadTokenizer } from '../encoders/tokenizer.ts';
import { UndertoneError } from '../errors.ts';
import { type CatalogueEntry, imagesConfig } from './catalogue.ts';
import type { FoundationEncoder } from './foundation-manifest.ts';
import { type InspectedOnnx, checkInterface, fixedBatch, graphInput, inspectOnnx } from './inspect-onnx.ts';
import { readPreprocessing } from './read-preprocessing.ts';

const TOKENIZER_FILE = 'tokenizer.json';
const TokenizerConfig = z.object({
  model_max_length: z.number().optional(),
  pad_token: z.union([z.string(), z.object({ content: z.string() })]).nullish(),
});
const NO_CONFIG: z.infer<typeof TokenizerConfig> = {};

/**
 * Describes the encoders of a published model from its own files: graphs, image processor, tokenizer.
 *
 * @param files the ONNX files inside the folder
 * @throws UndertoneError `foundation_input`, `foundation_external`, `foundation_config`, `tokenizer_invalid`,
 * `onnx_unreadable`
 */
export async function describeEncoders(
  dir: string,
  entry: Pick<CatalogueEntry, 'dimension' | 'image' | 'text'>,
  files: { readonly image: string; readonly text: string },
): Promise<FoundationEncoder[]> {
  return [
    { kind: 'image', encoder: await imageEncoder(dir, entry, await inspectOnnx(dir, files.image)) },
    { kind: 'text', encoder: await textEncoder(dir, entry, await inspectOnnx(dir, files.text)) },
  ];
}

async function imageEncoder(
  dir: string,
  { dimension, image }: Pick<CatalogueEntry, 'dimension' | 'image'>,
  onnx: InspectedOnnx,
): Promise<ImageEncoder> {
  const { preprocessing, tensor } = readPreprocessing(
    await readJson(
      dir,
      imagesConfig((file) => existsSync(join(dir, file))),
    ),
  );
  const { size } = preprocessing;
  const { dims } = graphInput(onnx, image.input, ['float32'], [undefined, 3, size, size]);
  checkInterface(onnx, [image.input], image.output, dimension);
  const batch = fixedBatch(onnx, dims[0]);
  return {
    file: onnx.file,
    output: image.output,
    ...(batch === undefined ? {} : { batch }),
    inputs: { pixels: image.input },
    tensor,
    preprocessing,
  };
}

async function textEncoder(
  dir: string,
  { dimension, text }: Pick<CatalogueEntry, 'dimension' | 'text'>,
  onnx: InspectedOnnx,
): Promise<TextEncoder> {
  const { dims } = graphInput(onnx, text.input, ['int64'], [undefined, undefined]);
  const masked = text.mask !== undefined && onnx.summary.inputs.some(({ name }) => name === text.mask);
  const mask =
    masked && text.mask !== undefined
      ? graphInput(onnx, text.mask, ['int64', 'float32'], dims.map(numeric))
      : undefined;
  checkInterface(onnx, mask === undefined ? [text.input] : [text.input, mask.name], text.output, dimension);
  const tokenizer = loadTokenizer(await readJson(dir, TOKENIZER_FILE));
  const config = await tokenizerConfig(dir);
  const fixedLength = numeric(dims[1]);
  const maxTokens = fixedLength ?? Math.min(text.max_tokens, config.model_max_length ?? text.max_tokens);
  const padTo = fixedLength ?? (text.attention === 'full' ? maxTokens : undefined);
  const batch = fixedBatch(onnx, dims[0]);
  return {
    file: onnx.file,
    output: text.output,
    ...(batch === undefined ? {} : { batch }),
    inputs: { tokens: text.input, ...(mask === undefined ? {} : { mask: mask.name }) },
    ...(mask?.type === 'int64' ? { mask_type: 'int64' as const } : {}),
    preprocessing: {
      tokenizer: TOKENIZER_FILE,
      max_tokens: maxTokens,
      pad_id: text.pad_id ?? padId(tokenizer, config.pad_token),
      lower_case: false,
      keep: 'start',
      ...(padTo === undefined ? {} : { pad_to: padTo }),
      clean: text.clean,
    },
  };
}

async function tokenizerConfig(dir: string): Promise<z.infer<typeof TokenizerConfig>> {
  const file = 'tokenizer_config.json';
  const json = existsSync(join(dir, file)) ? await readJson(dir, file) : NO_CONFIG;
  const parsed = TokenizerConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UndertoneError('foundation_config', 'tokenizer_config.json is not valid; get the model again');
}

function padId(tokenizer: TextTokenizer, token: z.infer<typeof TokenizerConfig>['pad_token']): number {
  const content = typeof token === 'string' ? token : token?.content;
  return (content === undefined ? undefined : tokenizer.idOf(content)) ?? tokenizer.padId;
}

function numeric(dim: number | string | undefined): number | undefined {
  return typeof dim === 'number' ? dim : undefined;
}

async function readJson(dir: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(await resolveInside(dir, file), 'utf8'));
  } catch (error) {
    throw new UndertoneError('foundation_config', `${file} is missing or no JSON; get the model again`, {
      cause: error,
    });
  }
}
