import { told } from './told.ts';
import type { ModalitySnapshot, Snapshot } from '../events.ts';
import type { ModalityProvenance, Source } from '../protocol/index.ts';

/** What each modality's part of a window was made from, in the model's order. */
export function provenanceOf(
  snapshot: Snapshot,
  fidelityOf: (modality: string) => number | null,
  observedMsOf: (modality: ModalitySnapshot) => number | null,
): Record<string, ModalityProvenance> {
  const anything = snapshot.modalities.some((modality) => observedSlots(modality) > 0);
  return Object.fromEntries(
    snapshot.modalities.map((modality) => {
      const observed = observedSlots(modality);
      const observedMs = observedMsOf(modality);
      const odd = modality.slots.findLast((slot) => !slot.embedding) ?? modality.slots.findLast((slot) => slot.cause);
      const provenance: ModalityProvenance = {
        source: sourceOf(observed, modality.slots.length, anything),
        cause: odd?.cause ?? null,
        coverage: told(observed / modality.slots.length),
        age_ms: observedMs === null ? null : Math.max(0, Math.round(snapshot.ptsMs - observedMs)),
        fidelity: told(fidelityOf(modality.spec.name)),
      };
      if (modality.text) provenance.is_final = modality.text.isFinal;
      return [modality.spec.name, provenance];
    }),
  );
}

function sourceOf(observed: number, slots: number, anything: boolean): Source {
  if (observed === slots) return 'observed';
  if (observed > 0) return 'mixed';
  return anything ? 'virtual' : 'absent';
}

function observedSlots(modality: ModalitySnapshot): number {
  return modality.slots.reduce((count, slot) => count + (slot.embedding ? 1 : 0), 0);
}
