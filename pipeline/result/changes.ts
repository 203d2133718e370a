import { cosine } from '../../models/cosine.ts';
import { told } from './told.ts';
import type { PredictedEvent, Snapshot } from '../events.ts';
import type { Cause, ModalityProvenance, ModalityReunion, ModalityState } from '../protocol/index.ts';

interface Track {
  state: ModalityState['state'];
  cause: Cause | null;
  /** Media time of the first result without the modality, while it is away. */
  awaySinceMs: number | null;
  /** What the heads last synthesised for it while it is away, and the score with that; null where nothing was predicted. */
  virtual: Float32Array | null;
  score: number | null;
  seen: boolean;
}

/**
 * Tells when a modality becomes observed, virtual or absent, and how well it was stood in for when it returns.
 *
 * `mixed` counts as observed. A new cause of the same absence is a change, too. Where nothing was predicted while a
 * modality was away, because the others were away as well, there is nothing to compare its return with, and no reunion.
 */
export class Changes {
  readonly #tracks = new Map<string, Track>();

  /** Call once per result, in order. */
  next(
    event: PredictedEvent,
    modalities: Readonly<Record<string, ModalityProvenance>>,
    score: number | null,
  ): (ModalityState | ModalityReunion)[] {
    const out: (ModalityState | ModalityReunion)[] = [];
    const ptsMs = event.snapshot.ptsMs;
    for (const [name, { source, cause: why }] of Object.entries(modalities)) {
      const before = this.#tracks.get(name);
      const state = source === 'mixed' ? 'observed' : source;
      const cause = state === 'observed' ? null : why;
      const track: Track = before ?? { state, cause, awaySinceMs: null, virtual: null, score: null, seen: false };
      if (!before || before.state !== state || before.cause !== cause)
        out.push({ type: 'modality.state', modality: name, state, cause, pts_ms: ptsMs });

      if (state === 'observed') {
        const first = newestEmbedding(event.snapshot, name);
        if (
          track.seen &&
          track.awaySinceMs !== null &&
          track.virtual &&
          first &&
          track.score !== null &&
          score !== null
        )
          out.push({
            type: 'modality.reunion',
            modality: name,
            pts_ms: ptsMs,
            gap_ms: ptsMs - track.awaySinceMs,
            cosine: told(cosine(track.virtual, first)),
            score_jump: told(score - track.score),
          });
        track.awaySinceMs = null;
        track.virtual = null;
        track.score = null;
        track.seen = true;
      } else {
        track.awaySinceMs ??= ptsMs;
        if (event.prediction) {
          track.virtual = event.prediction.virtual[name] ?? track.virtual;
          track.score = score ?? track.score;
        }
      }
      track.state = state;
      track.cause = cause;
      this.#tracks.set(name, track);
    }
    return out;
  }
}

function newestEmbedding(snapshot: Snapshot, name: string): Float32Array | null {
  const modality = snapshot.modalities.find(({ spec }) => spec.name === name);
  return modality?.slots.findLast((slot) => slot.embedding)?.embedding ?? null;
}
