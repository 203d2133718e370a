import { z } from 'zod';
import { describeIssue } from '../bundle/describe-issue.ts';
import { BundleFile, FoundationRef, ImageEncoder, Sha256, TextEncoder } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';

const ImagePart = z.strictObject({ kind: z.literal('image'), encoder: ImageEncoder });
const TextPart = z.strictObject({ kind: z.literal('text'), encoder: TextEncoder });

/**
 * `manifest.json` of an installed foundation model. The encoders are described as in a bundle's manifest; the files keep
 * the layout in which they are published.
 */
export const FoundationManifest = z.strictObject({
  format: z.literal(1),
  kind: z.literal('foundation'),
  name: FoundationRef.shape.name,
  /** Which published form of the weights: `float32`, `int8`. */
  variant: z.string(),
  /** Commit of the repository, or a digest of the files that were imported. Same name and revision: same space. */
  revision: FoundationRef.shape.revision,
  source: z.string(),
  licence: z.strictObject({ id: z.string(), url: z.string(), accepted: z.boolean() }),
  created: z.iso.datetime(),
  dimension: z.int().min(2).max(4096),
  encoders: z.array(z.discriminatedUnion('kind', [ImagePart, TextPart])).min(1),
  /** sha256 of every other file. */
  files: z.record(BundleFile, Sha256),
});
export type FoundationManifest = z.infer<typeof FoundationManifest>;
export type FoundationEncoder = FoundationManifest['encoders'][number];

/** @throws UndertoneError `foundation_manifest`; `where` names the folder in its message */
export function parseFoundationManifest(text: string, where: string): FoundationManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UndertoneError('foundation_manifest', `the manifest in ${where} is no JSON; pull the model again`, {
      cause: error,
    });
  }
  const parsed = FoundationManifest.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UndertoneError(
    'foundation_manifest',
    `the manifest in ${where} is not valid (${describeIssue(parsed.error, json)}); pull the model again`,
  );
}
