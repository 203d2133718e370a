import { hasCode } from '../../models/errors.ts';
import { loadModel } from '../../models/runtime/load-model.ts';
import { fakeModel } from './fake-model.ts';
import type { SentimentModel } from '../../models/model.ts';

/** The bundled model on one process, or the fake one in a checkout that has no bundle. */
export async function openTestModel(): Promise<SentimentModel> {
  try {
    return await loadModel({ provider: 'cpu', workers: 1 });
  } catch (error) {
    if (hasCode(error, 'bundle_not_found')) return fakeModel();
    throw error;
  }
}
