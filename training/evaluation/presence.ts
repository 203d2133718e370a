import type { ModalitySpec, WindowInput } from '../../models/model.ts';
import type { Random } from '../../models/random.ts';

/** Share of samples that lack a modality, by its name. */
export type MissingRates = Readonly<Record<string, number>>;

/** `sample`: a modality is there or not. `slot`: each slot of it is lost on its own. */
export type MissingLevel = 'sample' | 'slot';

/** What a report says of the level: nothing where nothing is missing. */
export function levelOf(missing: MissingRates, level: MissingLevel): { readonly missing_level?: MissingLevel } {
  return Object.values(missing).some((rate) => rate > 0) ? { missing_level: level } : {};
}

/** The window with masks and embeddings of what is lost set to zero; the others are shared, not copied. */
export function loseFrom(window: WindowInput, rates: MissingRates, level: MissingLevel, random: Random): WindowInput {
  return Object.fromEntries(
    Object.entries(window).map(([name, part]) => {
      const rate = rates[name] ?? 0;
      if (rate === 0) return [name, part];
      const whole = random.chance(rate);
      const slots = part.mask.length;
      const mask = part.mask.map((observed) => {
        const lost = level === 'slot' && slots > 1 ? random.chance(rate) : whole;
        return lost ? 0 : observed;
      });
      return [name, masked(part.embeddings, mask)];
    }),
  );
}

/** `video=observed,text=virtual`: every modality's source, as calibration is keyed. */
export function presencePattern(window: WindowInput, modalities: readonly ModalitySpec[]): string {
  return modalities
    .map(({ name }) => {
      const mask = window[name]?.mask ?? new Float32Array();
      const observed = mask.filter((value) => value > 0).length;
      return `${name}=${observed === 0 ? 'virtual' : observed === mask.length ? 'observed' : 'mixed'}`;
    })
    .join(',');
}

export function nothingObserved(window: WindowInput): boolean {
  return Object.values(window).every(({ mask }) => mask.every((value) => value === 0));
}

function masked(embeddings: Float32Array, mask: Float32Array): { embeddings: Float32Array; mask: Float32Array } {
  const width = embeddings.length / Math.max(1, mask.length);
  return { mask, embeddings: embeddings.map((value, i) => ((mask[Math.floor(i / width)] ?? 0) > 0 ? value : 0)) };
}
