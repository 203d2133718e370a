import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BundleFile, FoundationRef, Sha256 } from '../bundle/manifest.ts';
import { EXIT, UndertoneError } from '../errors.ts';

const Licence = z.strictObject({
  /** SPDX identifier, or the hub's where there is none. */
  id: z.string(),
  url: z.url(),
  /** Whether the user must accept it before anything is downloaded. */
  accept: z.boolean(),
  note: z.string(),
});

/** Files of one published form of the weights, as the repository names them. */
const Variant = z.strictObject({
  image: BundleFile,
  text: BundleFile,
  /** Bytes of all that a pull downloads, where known. */
  bytes: z.int().positive().optional(),
});

export const CatalogueEntry = z.strictObject({
  name: FoundationRef.shape.name,
  title: z.string(),
  /** d: size of an embedding. */
  dimension: z.int().min(2).max(4096),
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  /** A commit, or a branch where none is known for certain. */
  revision: z.string(),
  licence: Licence,
  /** Where it says how to make the ONNX files, when nobody publishes any. */
  conversion: z.string().optional(),
  variants: z.record(z.string().regex(/^[a-z0-9]+$/), Variant),
  image: z.strictObject({ input: z.string(), output: z.string() }),
  text: z.strictObject({
    input: z.string(),
    /** Attention mask, used where the graph has one. */
    mask: z.string().optional(),
    output: z.string(),
    /** `causal`: a text runs at its own length. `full`: padding counts, so every text is padded to `max_tokens`. */
    attention: z.enum(['causal', 'full']),
    max_tokens: z.int().min(4),
    /** The token that fills a text up, where that counts and the published tokenizer does not say it for certain. */
    pad_id: z.int().min(0).optional(),
    clean: z.enum(['clip', 'siglip']),
  }),
  /** sha256 of files at `revision` that are known from more than one source. */
  sha256: z.record(BundleFile, Sha256),
  /** What of this entry could not be confirmed, and what follows from it. */
  unconfirmed: z.array(z.string()),
});
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;

const Catalogue = z.strictObject({ format: z.literal(1), models: z.array(CatalogueEntry) });

/**
 * Files that describe the inputs of a published model: needed, of `images` the first that is there, or taken where the
 * repository has them. The second of `images` is that of a whole processor, as transformers 5 saves it.
 */
export const CONFIG_FILES = {
  needed: ['tokenizer.json'],
  images: ['preprocessor_config.json', 'processor_config.json'],
  optional: ['config.json', 'tokenizer_config.json', 'special_tokens_map.json'],
} as const;

/** Which of `CONFIG_FILES.images` describes a model's images: the first that is there, and the first where none is. */
export function imagesConfig(isThere: (file: string) => boolean): string {
  return CONFIG_FILES.images.find(isThere) ?? CONFIG_FILES.images[0];
}

/**
 * The foundation models that are known: those of `more`, a file of the catalogue's form, before the built-in ones.
 * @throws UndertoneError `catalogue_invalid`
 */
export function readCatalogue(more?: string): readonly CatalogueEntry[] {
  return [...(more === undefined ? [] : parse(more)), ...parse(catalogueFile())];
}

function parse(file: string): readonly CatalogueEntry[] {
  try {
    return Catalogue.parse(JSON.parse(readFileSync(file, 'utf8'))).models;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s+/g, ' ') : String(error);
    throw new UndertoneError('catalogue_invalid', `${file} is no catalogue of foundation models: ${why}`, {
      cause: error,
    });
  }
}

/** @throws UndertoneError `foundation_unknown` (exit code 2) that lists the known names */
export function catalogueEntry(name: string, catalogue: readonly CatalogueEntry[]): CatalogueEntry {
  const found = catalogue.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const known = catalogue.map((entry) => entry.name).join(', ');
  throw new UndertoneError('foundation_unknown', `no foundation model ${name}; known are ${known}`, {
    exitCode: EXIT.usage,
  });
}

/** The data file beside this one, or in the source folder when the program runs from dist/. */
function catalogueFile(): string {
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    for (const path of [join(dir, 'catalogue.json'), join(dir, 'models', 'foundation', 'catalogue.json')])
      if (existsSync(path)) return path;
    if (dirname(dir) === dir) return join(import.meta.dirname, 'catalogue.json');
  }
}
