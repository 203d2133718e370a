import type { Random } from '../../models/random.ts';
import { SLOT_PATTERNS, type SlotPattern, slotMask } from './slot-masks.ts';

/** How often training sees which absence; weights need not sum to 1. */
export interface AbsenceConfig {
  /** Weight of everything observed. */
  readonly observed: number;
  /** Weight of one modality wholly missing, per modality name; `DEFAULT_ABSENCE.missing` for names that are absent. */
  readonly missing: Readonly<Record<string, number>>;
  /** Weight of some slots missing, per pattern. */
  readonly slots: Readonly<Record<SlotPattern, number>>;
  /** Range that the share of missing slots is drawn from, uniformly. */
  readonly rate: readonly [number, number];
  /** Mean burst length in slots. */
  readonly burstSlots: number;
  /** Chance that a one-slot modality (text) is missing while another's slots are partly missing. */
  readonly alsoMissing: number;
}

export const DEFAULT_ABSENCE: AbsenceConfig = {
  observed: 0.35,
  missing: { video: 0.15, text: 0.2 },
  slots: { bernoulli: 0.12, burst: 0.08, blackout: 0.06, late: 0.04 },
  rate: [0.1, 0.9],
  burstSlots: 3,
  alsoMissing: 0.25,
};

/** A modality of the model: its name and its embeddings per window. */
export interface Slotted {
  readonly name: string;
  readonly slots: number;
}

export interface Absence {
  /** Pattern drawn: `observed`, `missing:NAME` or a slot pattern. */
  readonly pattern: string;
  /** Per modality name a mask of its slots, 1 observed and 0 missing. */
  readonly masks: Readonly<Record<string, Float32Array>>;
}

/**
 * Draws what of one window is observed. At least one slot of one modality always is, and a modality is wholly missing
 * only together with wholly or partly observed others.
 */
export function absenceMasks(
  random: Random,
  modalities: readonly Slotted[],
  config: AbsenceConfig = DEFAULT_ABSENCE,
): Absence {
  const pattern = drawPattern(random, modalities, config);
  const masks: Record<string, Float32Array> = {};
  for (const { name, slots } of modalities) masks[name] = new Float32Array(slots).fill(1);
  if (pattern.kind === 'missing') masks[pattern.name]?.fill(0);
  if (pattern.kind === 'slots') {
    for (const { name, slots } of modalities) {
      const [low, high] = config.rate;
      const rate = low + (high - low) * random.uniform();
      if (slots > 1) masks[name] = slotMask(random, slots, pattern.name, { rate, burstSlots: config.burstSlots });
      else if (modalities.length > 1 && random.chance(config.alsoMissing)) masks[name]?.fill(0);
    }
    keepOneSlot(random, modalities, masks);
  }
  return { pattern: pattern.kind === 'missing' ? `missing:${pattern.name}` : pattern.name, masks };
}

type Pattern =
  | { readonly kind: 'observed'; readonly name: 'observed' }
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'slots'; readonly name: SlotPattern };

function drawPattern(random: Random, modalities: readonly Slotted[], config: AbsenceConfig): Pattern {
  const options: [Pattern, number][] = [[{ kind: 'observed', name: 'observed' }, config.observed]];
  if (modalities.length > 1)
    for (const { name } of modalities)
      options.push([{ kind: 'missing', name }, config.missing[name] ?? DEFAULT_ABSENCE.missing[name] ?? 0]);
  if (modalities.some(({ slots }) => slots > 1))
    for (const name of SLOT_PATTERNS) options.push([{ kind: 'slots', name }, config.slots[name]]);
  let rest = random.uniform() * options.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [pattern, weight] of options) {
    if (rest < weight) return pattern;
    rest -= weight;
  }
  return { kind: 'observed', name: 'observed' };
}

/** Slot patterns are about partial loss: a modality with several slots keeps at least one of them. */
function keepOneSlot(random: Random, modalities: readonly Slotted[], masks: Record<string, Float32Array>): void {
  for (const { name, slots } of modalities) {
    const mask = masks[name];
    if (slots > 1 && mask !== undefined && !mask.includes(1)) mask[random.int(slots)] = 1;
  }
}
