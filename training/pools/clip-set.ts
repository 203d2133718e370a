import type { Random } from '../../models/random.ts';
import { composeClip, type ClipConfig } from '../augment/clips.ts';
import { EMOTION_SENTIMENT, EMOTIONS, type Emotion } from '../datasets/emotions.ts';
import type { Sentiment } from '../../models/model.ts';
import { facesByEmotion, type Face } from './face-pool.ts';
import type { Utterance } from './text-pool.ts';
import { weightedDraw } from './weighted-draw.ts';

/** A clip: a face per slot and an utterance, as indices, with its labels. */
export interface LabelledClip {
  /** Per slot: face * variants + variant. Empty where there is no video to be had. */
  readonly faces: Int32Array;
  readonly utterance: number;
  /** That both show; undefined where it is not known. */
  readonly emotion: Emotion | undefined;
  /** False where the emotion was only inferred from the utterance's score, or is not known. */
  readonly hasEmotion: boolean;
  readonly sentiment: Sentiment | undefined;
  readonly score: number | undefined;
  /** The target where the text alone is observed, if it is another. */
  readonly taughtScore?: number | undefined;
}

/** Scores beyond this are shown by a face of that polarity. */
const CLEAR_SCORE = 0.5;
/** Which emotion shows a negative score. */
const NEGATIVE: readonly Emotion[] = ['angry', 'angry', 'sad', 'sad', 'fear', 'disgust'];

/**
 * Draws clips from faces and utterances of one emotion.
 *
 * A share `scored` of them takes an utterance that has a score, as often as it occurs, and faces that show its polarity;
 * the others take an emotion as often as the faces show it, and an utterance labelled with it.
 */
export function clipSource(
  faces: readonly Pick<Face, 'emotion' | 'weight'>[],
  utterances: readonly Utterance[],
  options: { readonly slots: number; readonly scored: number; readonly composition: ClipConfig },
): (random: Random) => LabelledClip {
  const byEmotion = facesByEmotion(faces);
  const scored = utterances.flatMap((utterance, i) => (utterance.score === undefined ? [] : [i]));
  const labelled = EMOTIONS.map((emotion) => utterances.flatMap((u, i) => (u.emotion === emotion ? [i] : [])));
  const shares = EMOTIONS.map((emotion, i) =>
    (labelled[i] ?? []).length === 0
      ? 0
      : byEmotion[emotion].reduce((sum, face) => sum + (faces[face]?.weight ?? 0), 0),
  );
  const drawScored = weightedDraw(scored.map((i) => utterances[i]?.weight ?? 0));
  const drawEmotion = weightedDraw(shares);
  const drawSaid = labelled.map((group) => weightedDraw(group.map((i) => utterances[i]?.weight ?? 0)));

  const compose = (random: Random, emotion: Emotion): Int32Array => {
    const { composition, slots } = options;
    const clip = composeClip({ random, emotion, faces: byEmotion, slots, config: composition });
    return clip.faces.map((face, slot) => face * composition.variants + (clip.variants[slot] ?? 0));
  };
  return (random) => {
    if (scored.length > 0 && random.chance(options.scored)) {
      const utterance = scored[drawScored(random)] ?? 0;
      const { score, sentiment, taughtScore } = utterances[utterance] as Utterance;
      const emotion = shownBy(random, score ?? 0, byEmotion);
      return {
        faces: compose(random, emotion),
        utterance,
        emotion,
        hasEmotion: false,
        sentiment,
        score,
        taughtScore,
      };
    }
    const at = drawEmotion(random);
    const emotion = EMOTIONS[at] as Emotion;
    const utterance = labelled[at]?.[drawSaid[at]?.(random) ?? 0] ?? 0;
    const sentiment = EMOTION_SENTIMENT[emotion];
    return {
      faces: compose(random, emotion),
      utterance,
      emotion,
      hasEmotion: true,
      sentiment,
      score: undefined,
    };
  };
}

function shownBy(random: Random, score: number, faces: Readonly<Record<Emotion, readonly number[]>>): Emotion {
  if (score > CLEAR_SCORE) return 'happy';
  if (score >= -CLEAR_SCORE) return 'neutral';
  return random.pick(NEGATIVE.filter((emotion) => faces[emotion].length > 0));
}
