import { findBundle } from '../../models/bundle/find-bundle.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { faceFinderGraph, imageEncoderGraph } from '../../models/encoders/encoder-graphs.ts';
import { UndertoneError } from '../../models/errors.ts';
import type { Graph } from '../../models/graph/graph.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { keptParams } from './kept-params.ts';

export interface KeptImages {
  /** name@version of the bundle. */
  readonly bundle: string;
  readonly params: ParamStore;
  /** The face finder is among the parameters: the bundle's was trained as the recipe would train it. */
  readonly finder: boolean;
}

/**
 * Image encoder of a bundle, and its face finder if the recipe would train it no other way, for a run that does not
 * train them anew.
 *
 * @param specifier name, name@version or folder of the bundle
 * @returns the parameters, in the precision that the bundle stores
 * @throws UndertoneError `images_mismatch` when they are not those of the recipe; those of `readBundle`
 */
export async function imagesOf(specifier: string, recipe: Recipe): Promise<KeptImages> {
  const { dir, manifest } = await readBundle(findBundle(specifier));
  const encoder = manifest.modalities.find((modality) => modality.kind === 'image')?.encoder;
  const made = manifest.training['recipe'] as Partial<Recipe> | undefined;
  const finder = recipe.finder !== undefined && made !== undefined && finderRecipe(made) === finderRecipe(recipe);
  const parts: (readonly [graph: Graph, file: string | undefined])[] = [
    [imageEncoderGraph(recipe.image), manifest.foundation === undefined ? encoder?.file : undefined],
  ];
  if (finder) parts.push([faceFinderGraph(recipe.finder.model), encoder?.finder?.file]);
  const kept = await Promise.all(parts.map(([graph, file]) => keptParams(graph, dir, file)));
  const params: ParamStore = new Map();
  for (const part of kept) {
    if (part === undefined) throw mismatch(specifier);
    for (const [name, values] of part) params.set(name, values);
  }
  return { bundle: `${manifest.name}@${manifest.version}`, params, finder };
}

/** What a finder's parameters follow from but the data and the seed; where it is used, and from which confidence on, is none of it. */
function finderRecipe({ finder, faces, syntheticFaces }: Partial<Recipe>): string {
  return fingerprint({ ...finder, use: undefined }, faces, syntheticFaces);
}

function mismatch(specifier: string): UndertoneError {
  return new UndertoneError(
    'images_mismatch',
    `the image encoder of ${specifier} is not that of the recipe; name a bundle that this recipe made`,
  );
}
