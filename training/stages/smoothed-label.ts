import { EMOTIONS, type Emotion } from '../datasets/emotions.ts';

/**
 * Label distribution over EMOTIONS with label smoothing (Szegedy et al., arXiv 1512.00567, section 7): (1 - amount) on the
 * label, and amount spread evenly over all classes, the label's own included.
 */
export function smoothedLabel(emotion: Emotion, amount: number): number[] {
  return EMOTIONS.map((name) => Number(name === emotion) * (1 - amount) + amount / EMOTIONS.length);
}
