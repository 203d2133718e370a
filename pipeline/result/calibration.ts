import type { Calibration } from '../../models/model.ts';
import type { ModalityProvenance, Source } from '../protocol/index.ts';

/** Coverage from which a mixed modality counts as observed where its own pattern has no temperature. */
const MOSTLY = 0.5;

/** Every modality's source in manifest order: `video=observed,text=virtual`. */
export function presencePattern(modalities: Readonly<Record<string, ModalityProvenance>>): string {
  return patternOf(modalities, (modality) => modality.source);
}

/** The softmax temperature for what was observed; 1 where nothing was fitted for it. */
export function temperatureFor(
  calibration: Calibration,
  modalities: Readonly<Record<string, ModalityProvenance>>,
): number {
  const nearest = patternOf(modalities, ({ source, coverage }) =>
    source === 'mixed' ? (coverage >= MOSTLY ? 'observed' : 'virtual') : source,
  );
  return calibration[presencePattern(modalities)] ?? calibration[nearest] ?? 1;
}

/** Softmax of `logits / temperature`. */
export function softmax(logits: Float32Array, temperature = 1): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const top = Math.max(...scaled);
  const weights = scaled.map((value) => Math.exp(value - top));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function patternOf(
  modalities: Readonly<Record<string, ModalityProvenance>>,
  sourceOf: (modality: ModalityProvenance) => Source,
): string {
  return Object.entries(modalities)
    .map(([name, modality]) => `${name}=${sourceOf(modality)}`)
    .join(',');
}
