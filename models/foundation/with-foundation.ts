import type { Bundle } from '../bundle/bundle.ts';
import type { Manifest, ManifestModality } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import { readFoundationConfig } from './config.ts';
import type { FoundationManifest } from './foundation-manifest.ts';
import { findFoundation } from './installed.ts';
import { readFoundation } from './read-foundation.ts';

/**
 * A bundle of heads with the encoders of the foundation model that it names, as they are installed; any other bundle as it
 * is. The encoders are verified.
 *
 * @throws UndertoneError `foundation_not_installed`; `foundation_mismatch` when another revision is installed, or the
 * embeddings have another size; `foundation_manifest`, `bundle_path`, `bundle_checksum`; the reason of `signal`
 */
export async function withFoundation(bundle: Bundle, signal?: AbortSignal): Promise<Bundle> {
  const { foundation } = bundle.manifest;
  if (foundation === undefined) return bundle;
  const config = readFoundationConfig();
  const found = findFoundation(config.dir, { ...foundation, variant: config.variant });
  const { dir, manifest } = await readFoundation(found.dir, signal);
  return { ...bundle, manifest: joined(bundle.manifest, manifest), encoders: { dir, files: manifest.files } };
}

function joined(manifest: Manifest, foundation: FoundationManifest): Manifest {
  if (manifest.dimension !== foundation.dimension)
    throw new UndertoneError(
      'foundation_mismatch',
      `the heads take ${manifest.dimension} values, embeddings of ${foundation.name} have ${foundation.dimension}; use heads of this model`,
    );
  const modalities = manifest.modalities.map((modality): ManifestModality => {
    const part = foundation.encoders.find(({ kind }) => kind === modality.kind);
    if (part === undefined)
      throw new UndertoneError(
        'foundation_mismatch',
        `the heads take ${modality.kind} embeddings, ${foundation.name} gives none; use heads of this model`,
      );
    return { ...modality, encoder: part.encoder } as ManifestModality;
  });
  return { ...manifest, modalities };
}
