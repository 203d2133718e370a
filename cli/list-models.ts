import type { BundleLocation } from '../models/bundle/list-bundles.ts';
import { type CatalogueEntry, readCatalogue } from '../models/foundation/catalogue.ts';
import { readFoundationConfig } from '../models/foundation/config.ts';
import { listFoundations } from '../models/foundation/installed.ts';
import { bytes } from './bytes.ts';

interface InstalledModel {
  readonly name: string;
  readonly variant: string;
  readonly revision: string;
  readonly licence: string;
  readonly dir: string;
}

export interface ListedModels {
  readonly bundles: readonly BundleLocation[];
  readonly installed: readonly InstalledModel[];
  readonly catalogue: readonly CatalogueEntry[];
}

/** Foundation models that are installed, and those that are known. */
export function listModels(): Omit<ListedModels, 'bundles'> {
  const config = readFoundationConfig();
  return {
    installed: listFoundations(config.dir).map(({ dir, manifest: { name, variant, revision, licence } }) => ({
      name,
      variant,
      revision,
      licence: licence.id,
      dir,
    })),
    catalogue: readCatalogue(config.catalogue),
  };
}

/** The list as text: a section each for bundles, installed foundation models and the catalogue. */
export function formatModels({ bundles, installed, catalogue }: ListedModels): string {
  const lines = [
    'Bundles',
    ...bundles.map(({ name, version, dir }) => `  ${name}@${version}\t${dir}`),
    'Installed foundation models',
    ...installed.map(({ name, variant, revision, dir }) => `  ${name} (${variant}, ${revision.slice(0, 12)})\t${dir}`),
    ...(installed.length === 0 ? ['  none; get one with `undertone models pull NAME`'] : []),
    'Foundation models to pull',
    ...catalogue.map(describe),
  ];
  return lines.join('\n');
}

function describe({ name, title, dimension, licence, variants, conversion, unconfirmed }: CatalogueEntry): string {
  const forms = Object.entries(variants).map(([form, { bytes: size }]) =>
    size === undefined ? form : `${form} ${bytes(size)}`,
  );
  const remarks = [
    ...(licence.accept ? ['licence to be accepted'] : []),
    ...(conversion === undefined ? [] : ['to be converted first']),
    ...(unconfirmed.length === 0 ? [] : ['not all confirmed']),
  ];
  const more = remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
  return `  ${name}\t${title}, d = ${dimension}; ${forms.join(', ')}; ${licence.id}${more}`;
}
