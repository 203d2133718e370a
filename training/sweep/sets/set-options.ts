import type { LocalModel } from '../../../models/runtime/load-local-model.ts';
import type { OnBad } from '../../datasets/sink.ts';
import type { Recipe } from '../../recipes/recipe.ts';

export interface SetOptions {
  /** Whose encoders make the embeddings. */
  readonly model: LocalModel;
  readonly recipe: Pick<Recipe, 'texts' | 'clips'>;
  /** Folder that holds the data sets. */
  readonly data: string;
  /** Folder of the cached embeddings. */
  readonly cache: string;
  readonly skipBad: boolean;
  /** With `skipBad`: is told of rows and images that are left out. */
  readonly onBad?: OnBad | undefined;
  /** Names of the data sets that the encoders were trained on; undefined where that is not known. */
  readonly encodersSaw?: readonly string[] | undefined;
  /** Split of prepared sets to test on; the validation split unless given. */
  readonly split?: string | undefined;
  /** Composed clips to train on and to test on. */
  readonly clips: { readonly train: number; readonly test: number };
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}
