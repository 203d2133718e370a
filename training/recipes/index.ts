import { EXIT, UndertoneError } from '../../models/errors.ts';
import { compact } from './compact.ts';
import type { Recipe } from './recipe.ts';
import { smoke } from './smoke.ts';

export const RECIPES: Readonly<Record<string, Recipe>> = { compact, smoke };

/** @throws UndertoneError `unknown_recipe` */
export function recipeNamed(name: string): Recipe {
  const recipe = Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
  if (recipe === undefined)
    throw new UndertoneError(
      'unknown_recipe',
      `there is no recipe "${name}"; there are ${Object.keys(RECIPES).join(', ')}`,
      {
        exitCode: EXIT.usage,
      },
    );
  return recipe;
}
