import { orderedMap } from '../operators/ordered-map.ts';
import { packModality } from '../window.ts';
import { UndertoneError } from '../../models/errors.ts';
import type { Prediction } from '../../models/model.ts';
import type { SessionContext } from '../context.ts';
import type { Encoded, ModalitySnapshot, Predicted, Snapshot, WindowEvent } from '../events.ts';
import type { Problem } from '../frames.ts';
import type { OperatorFunction } from 'rxjs';

/** Predicts every window, several at once and out in order; a failed call loses that window's result only. */
export function predict(context: SessionContext): OperatorFunction<Encoded, Predicted> {
  return orderedMap(
    (event) => (event.kind === 'window' ? predictWindow(context, event) : event),
    context.settings.concurrency,
  );
}

async function predictWindow(context: SessionContext, event: WindowEvent): Promise<Predicted> {
  const { model, troubles } = context;
  try {
    const { snapshot, warning } = await withTexts(context, event.snapshot);
    let prediction: Prediction | null = null;
    if (snapshot.modalities.some((modality) => modality.slots.some((slot) => slot.embedding))) {
      const { dimension } = model.info;
      const pack = (modality: ModalitySnapshot): ReturnType<typeof packModality> =>
        packModality(
          modality.slots.map((slot) => slot.embedding),
          dimension,
        );
      prediction = await model.predict(
        Object.fromEntries(snapshot.modalities.map((modality) => [modality.spec.name, pack(modality)])),
      );
      if (!Number.isFinite(prediction.score)) throw new UndertoneError('internal', 'the score is not a number');
    }
    troubles.succeeded('predict');
    troubles.succeeded('hop');
    return { kind: 'predicted', snapshot, prediction, revises: event.revises, warning };
  } catch (error) {
    return { kind: 'output', output: troubles.failed('predict', error) };
  } finally {
    context.pendingWindows--;
  }
}

/** Puts the text's embedding in its slot; a text that cannot be encoded stays unobserved. */
async function withTexts(
  context: SessionContext,
  snapshot: Snapshot,
): Promise<{ snapshot: Snapshot; warning: Problem | null }> {
  const { texts, troubles } = context;
  let warning: Problem | null = null;
  const modalities = snapshot.modalities.map(async (modality): Promise<ModalitySnapshot> => {
    if (!modality.text || modality.text.text === '') return modality;
    try {
      const { embedding, timing } = await texts.get(modality.text.text);
      troubles.succeeded('text');
      return { ...modality, slots: [{ embedding, cause: null }], queueMs: timing.queueMs, encodeMs: timing.computeMs };
    } catch (error) {
      warning = troubles.failed('text', error);
      return modality;
    }
  });
  return { snapshot: { ...snapshot, modalities: await Promise.all(modalities) }, warning };
}
