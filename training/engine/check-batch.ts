import { UndertoneError } from '../../models/errors.ts';
import type { Graph } from '../../models/graph/graph.ts';
import { sameShape, shapeText } from '../../models/graph/shape.ts';
import type { TensorData } from '../../models/runtime/session.ts';

/** @throws UndertoneError `training_batch` when one of the `used` inputs is missing or has another type or shape */
export function checkBatch(g: Graph, used: readonly string[], feeds: Readonly<Record<string, TensorData>>): void {
  for (const name of used) {
    const wanted = g.inputs.get(name);
    const given = feeds[name];
    if (wanted === undefined || (given?.type === wanted.type && sameShape(given.dims, wanted.shape))) continue;
    const what = given === undefined ? 'nothing' : `${given.type} ${shapeText(given.dims)}`;
    throw new UndertoneError(
      'training_batch',
      `input ${name} takes ${wanted.type} ${shapeText(wanted.shape)}, got ${what}`,
    );
  }
}
