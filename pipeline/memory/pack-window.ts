import { packModality } from '../window.ts';
import type { WindowInput } from '../../models/model.ts';
import type { Snapshot } from '../events.ts';

/** The heads' input for a window; modalities to mask are packed as if nothing of them had been observed. */
export function packWindow(snapshot: Snapshot, dimension: number, masked: readonly string[] = []): WindowInput {
  return Object.fromEntries(
    snapshot.modalities.map(({ spec, slots }) => [
      spec.name,
      packModality(
        slots.map((slot) => (masked.includes(spec.name) ? null : slot.embedding)),
        dimension,
      ),
    ]),
  );
}
