import type { Manifest } from '../../models/bundle/manifest.ts';

/** Whether an adapter moves the text embeddings of a bundle. */
export function isAdapted({ modalities }: Pick<Manifest, 'modalities'>): boolean {
  return modalities.some((modality) => modality.kind === 'text' && modality.adapter !== undefined);
}
