import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBundle } from '../../models/bundle/find-bundle.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { textEncoderGraph } from '../../models/encoders/encoder-graphs.ts';
import { branchName } from '../../models/encoders/text-encoder.ts';
import { loadTokenizer } from '../../models/encoders/tokenizer.ts';
import { UndertoneError } from '../../models/errors.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { keptParams } from './kept-params.ts';

export interface KeptTexts {
  /** name@version of the bundle. */
  readonly bundle: string;
  readonly tokenizerJson: string;
  /** By branch, the first of the recipe's. */
  readonly branches: readonly ParamStore[];
}

/**
 * Tokenizer and branches of a bundle's text encoder, for a run that trains only the branches that the recipe has beyond
 * them.
 *
 * @param specifier name, name@version or folder of the bundle
 * @returns the parameters, in the precision that the bundle stores
 * @throws UndertoneError `texts_mismatch` when they are not the first branches of the recipe; those of `readBundle`
 */
export async function textsOf(specifier: string, recipe: Recipe): Promise<KeptTexts> {
  const { dir, manifest } = await readBundle(findBundle(specifier));
  const encoder = manifest.modalities.find((modality) => modality.kind === 'text')?.encoder;
  const made = manifest.training['recipe'] as Partial<Recipe> | undefined;
  const count = made?.text?.branches.length ?? 0;
  const branches = recipe.text.branches.slice(0, count);
  const file = encoder?.preprocessing.tokenizer;
  if (manifest.foundation !== undefined || file === undefined || count === 0 || branches.length < count)
    throw mismatch(specifier);
  const tokenizerJson = await readFile(join(dir, file), 'utf8');
  const vocabulary = loadTokenizer(JSON.parse(tokenizerJson)).vocabSize;
  const graph = textEncoderGraph({ ...recipe.text, branches, vocabulary });
  const params = await keptParams(graph, dir, encoder?.file);
  if (params === undefined) throw mismatch(specifier);
  return {
    bundle: `${manifest.name}@${manifest.version}`,
    tokenizerJson,
    branches: branches.map((_, branch) => {
      const own = `text.${branchName(branch)}.`;
      return new Map([...params].filter(([name]) => name.startsWith(own)));
    }),
  };
}

function mismatch(specifier: string): UndertoneError {
  return new UndertoneError(
    'texts_mismatch',
    `the text encoder of ${specifier} is no part of that of the recipe; name a bundle that this recipe, or one with fewer branches, made`,
  );
}
