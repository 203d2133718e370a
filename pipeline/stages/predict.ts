import { UndertoneError } from '../../models/errors.ts';
import { packWindow } from '../memory/pack-window.ts';
import { orderedMap } from '../operators/ordered-map.ts';
import { askCounterfactuals, noCounterfactuals } from '../result/counterfactuals.ts';
import { measureFidelity } from '../result/measure-fidelity.ts';
import type { Prediction } from '../../models/model.ts';
import type { SessionContext } from '../context.ts';
import type { Cut, ModalitySnapshot, Predicted, PredictedEvent, Snapshot, WindowEvent } from '../events.ts';
import type { Problem } from '../frames.ts';
import type { Counterfactuals } from '../protocol/index.ts';
import type { OperatorFunction } from 'rxjs';

/** Fidelity is not measured while more windows than this wait for their prediction. */
const IDLE_WINDOWS = 2;

/**
 * Predicts every window, several at once and out in order; a failed call loses that window's result only, a revision that
 * fails leaves the old one.
 */
export function predict(context: SessionContext): OperatorFunction<Cut, Predicted> {
  return orderedMap(
    (event) => (event.kind === 'window' ? predictWindow(context, event) : event),
    context.settings.concurrency,
  );
}

async function predictWindow(context: SessionContext, event: WindowEvent): Promise<Predicted> {
  const { model, settings, troubles } = context;
  const { record, revises } = event;
  if (record.waiting === event) record.waiting = null;
  try {
    const { snapshot, warning, unread } = await withTexts(context, event.snapshot);
    if (unread) tryAgain(event);
    if (revises && unread) return { kind: 'output', output: warning };
    const predicted = (
      prediction: Prediction | null,
      counterfactuals: Counterfactuals | null,
      agreement: PredictedEvent['agreement'] = null,
    ): PredictedEvent => ({
      kind: 'predicted',
      snapshot,
      prediction,
      record,
      revises,
      counterfactuals,
      agreement,
      warning,
    });
    if (!snapshot.modalities.some(({ slots }) => slots.some((slot) => slot.embedding)))
      return predicted(null, settings.counterfactuals ? noCounterfactuals(snapshot) : null);

    const predicting = predictSnapshot(context, snapshot);
    const measuring = !revises && isSampled(context, snapshot) ? measureFidelity(model, snapshot) : null;
    const { prediction, counterfactuals } = await predicting;
    if (!isFinite(prediction)) throw new UndertoneError('internal', 'the heads gave a value that is not a number');
    troubles.succeeded('predict');
    if (settings.mode === 'replay') return predicted(prediction, counterfactuals, await measuring);
    void measuring?.then((agreement) => context.fidelity.add(agreement));
    return predicted(prediction, counterfactuals);
  } catch (error) {
    if (revises) tryAgain(event);
    return { kind: 'output', output: troubles.failed('predict', error) };
  } finally {
    context.pendingWindows--;
    if (!revises) context.pendingHops--;
  }
}

/** With the next caption, where no newer words are on their way. */
function tryAgain({ record, snapshot }: WindowEvent): void {
  if (record.snapshot === snapshot) record.failed = true;
}

/** Counterfactuals go into the batch of the window itself. */
async function predictSnapshot(
  { model, settings }: SessionContext,
  snapshot: Snapshot,
): Promise<{ prediction: Prediction; counterfactuals: Counterfactuals | null }> {
  const { dimension } = model.info;
  const window = packWindow(snapshot, dimension);
  if (!settings.counterfactuals) return { prediction: await model.predict(window), counterfactuals: null };
  const questions = askCounterfactuals(snapshot, window, dimension);
  const predictions = await model.predictBatch([window, ...questions.windows]);
  const [prediction] = predictions;
  if (!prediction) throw new UndertoneError('internal', 'the heads gave no prediction');
  return { prediction, counterfactuals: questions.answer(predictions) };
}

function isFinite({ score, sentimentLogits, emotionLogits }: Prediction): boolean {
  return Number.isFinite(score) && sentimentLogits.every(Number.isFinite) && emotionLogits.every(Number.isFinite);
}

/** True for every k-th hop if everything in its window was observed, and live only while predictions keep up. */
function isSampled({ pendingWindows, settings }: SessionContext, { modalities, ptsMs }: Snapshot): boolean {
  if (modalities.length < 2 || Math.round(ptsMs / settings.hopMs) % settings.fidelityEvery !== 0) return false;
  if (settings.mode === 'live' && pendingWindows > IDLE_WINDOWS) return false;
  return modalities.every(({ slots }) => slots.every(({ embedding, cause }) => embedding && !cause));
}

/** Puts the text's embedding in its slot; a text that cannot be encoded stays unobserved, and the snapshot is `unread`. */
async function withTexts(
  context: SessionContext,
  snapshot: Snapshot,
): Promise<{ snapshot: Snapshot; warning: Problem | null; unread: boolean }> {
  const { settings, texts, troubles } = context;
  let warning: Problem | null = null;
  let unread = false;
  const modalities: ModalitySnapshot[] = [];
  for (const modality of snapshot.modalities) {
    if (!modality.text || modality.text.text === '') {
      modalities.push(modality);
      continue;
    }
    try {
      const { embedding, timing } = await texts.get(modality.text.text, snapshot.ptsMs);
      troubles.succeeded('text');
      modalities.push({
        ...modality,
        slots: [{ embedding, cause: modality.text.injected ? 'injected' : null }],
        queueMs: timing.queueMs,
        encodeMs: timing.computeMs,
      });
    } catch (error) {
      unread = true;
      warning = troubles.failed('text', error);
      modalities.push(modality);
    }
  }
  // Windows come here in their order, however far behind the newest they are.
  texts.prune(snapshot.ptsMs - settings.windowMs - settings.latenessMs);
  return { snapshot: { ...snapshot, modalities }, warning, unread };
}
