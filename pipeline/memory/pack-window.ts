import { packModality } from '../window.ts';
import type { WindowInput } from '../../models/model.ts';
import type { Snapshot } from '../events.ts';

/** The heads' input for a window; a modality to mask is packed as if nothing of it had been observed. */
export function packWindow(snapshot: Snapshot, dimension: number, masked?: string): WindowInput {
  return Object.fromEntries(
    snapshot.modalities.map(({ spec, slots }) => [
      spec.name,
      packModality(
        slots.map((slot) => (spec.name === masked ? null : slot.embedding)),
        dimension,
      ),
    ]),
  );
}
