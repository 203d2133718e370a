import type { Calibration, UsualFidelity } from '../../models/model.ts';
import type { ModalityProvenance, Source } from '../protocol/index.ts';

/** How much a difference of 1 between a session's fidelity and the usual one changes the temperature. */
const FIDELITY_EFFECT = 0.5;

/** Coverage from which a mixed modality counts as observed where its own pattern has no temperature. */
const MOSTLY = 0.5;

/** Every modality's source in manifest order: `video=observed,text=virtual`. */
export function presencePattern(modalities: Readonly<Record<string, ModalityProvenance>>): string {
  return patternOf(modalities, (modality) => modality.source);
}

/** Whether any temperature was fitted; heads that were never trained have none. */
export function isCalibrated(calibration: Calibration): boolean {
  return Object.keys(calibration).length > 0;
}

/**
 * The softmax temperature for what was observed; 1 where nothing was fitted for it.
 *
 * Where a modality is synthesised and its fidelity is known, both in this session and as usual, the temperature rises by
 * half of what the session's lacks, or falls by half of what it exceeds the usual one, weighted by the share that is
 * synthesised.
 */
export function temperatureFor(
  { calibration, fidelity: usual }: { readonly calibration: Calibration; readonly fidelity: UsualFidelity },
  modalities: Readonly<Record<string, ModalityProvenance>>,
): number {
  const fitted = calibration[presencePattern(modalities)] ?? calibration[nearestPattern(modalities)] ?? 1;
  return Object.entries(modalities).reduce((temperature, [name, { coverage, fidelity }]) => {
    const lack = fidelity === null ? 0 : (usual[name] ?? fidelity) - fidelity;
    return temperature * (1 + FIDELITY_EFFECT * lack * (1 - coverage));
  }, fitted);
}

/** The pattern with every mixed modality as what most of it is. */
function nearestPattern(modalities: Readonly<Record<string, ModalityProvenance>>): string {
  return patternOf(modalities, ({ source, coverage }) =>
    source === 'mixed' ? (coverage >= MOSTLY ? 'observed' : 'virtual') : source,
  );
}

function patternOf(
  modalities: Readonly<Record<string, ModalityProvenance>>,
  sourceOf: (modality: ModalityProvenance) => Source,
): string {
  return Object.entries(modalities)
    .map(([name, modality]) => `${name}=${sourceOf(modality)}`)
    .join(',');
}
