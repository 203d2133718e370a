import type { Random } from '../../models/random.ts';
import type { Emotion } from '../datasets/emotions.ts';

/**
 * What a face does, in the terms of the facial action coding system (action unit numbers in brackets). 0 is at rest and
 * 1 is strong; signed where both ways exist.
 */
export interface Expression {
  /** Inner ends of the brows, up [1] or down [4]. */
  readonly browInner: number;
  /** Outer ends of the brows, up [2] or down. */
  readonly browOuter: number;
  /** Brows drawn together [4]. */
  readonly browPinch: number;
  /** Upper lids raised [5] or lowered [43]. */
  readonly upperLid: number;
  /** Lower lids tightened [7]. */
  readonly lowerLid: number;
  /** Outer eye corners lowered. */
  readonly lidSlant: number;
  /** Eyes look up or down. */
  readonly gaze: number;
  /** Mouth corners up [12] or down [15]. */
  readonly corner: number;
  /** Mouth wide [20] or narrow [18]. */
  readonly width: number;
  /** Jaw open [26, 27]. */
  readonly jaw: number;
  /** Upper lip raised [10]. */
  readonly upperLip: number;
  /** Lower lip lowered, teeth shown [16]. */
  readonly lowerLip: number;
  /** Lips pressed [24]. */
  readonly press: number;
  /** Chin raised, lower lip pushed up [17]. */
  readonly chin: number;
  /** Nose wrinkled [9]. */
  readonly nose: number;
  /** Cheeks raised [6]. */
  readonly cheek: number;
}

export const REST: Expression = {
  browInner: 0,
  browOuter: 0,
  browPinch: 0,
  upperLid: 0,
  lowerLid: 0,
  lidSlant: 0,
  gaze: 0,
  corner: 0,
  width: 0,
  jaw: 0,
  upperLip: 0,
  lowerLip: 0,
  press: 0,
  chin: 0,
  nose: 0,
  cheek: 0,
};

/** Ways of showing each emotion; combinations after Ekman and Friesen's prototypes. */
const PROTOTYPES: Readonly<Record<Emotion, readonly Partial<Expression>[]>> = {
  neutral: [{}, { press: 0.2 }, { corner: 0.05, upperLid: -0.1 }],
  happy: [
    { corner: 1, width: 0.6, jaw: 0.3, upperLip: 0.35, cheek: 1, lowerLid: 0.6, browOuter: 0.1 },
    { corner: 0.95, width: 0.45, cheek: 0.9, lowerLid: 0.55, browInner: 0.1, browOuter: 0.15 },
    { corner: 1, width: 0.55, jaw: 0.6, upperLip: 0.4, cheek: 1, lowerLid: 0.75, upperLid: -0.2 },
  ],
  sad: [
    {
      browInner: 1,
      browOuter: -0.6,
      browPinch: 0.5,
      upperLid: -0.35,
      lidSlant: 1,
      gaze: -0.4,
      corner: -0.9,
      chin: 0.6,
    },
    {
      browInner: 0.9,
      browOuter: -0.5,
      browPinch: 0.4,
      upperLid: -0.5,
      lidSlant: 0.9,
      gaze: -0.7,
      corner: -0.75,
      press: 0.3,
    },
    {
      browInner: 1,
      browOuter: -0.6,
      browPinch: 0.7,
      lowerLid: 0.4,
      upperLid: -0.3,
      lidSlant: 0.9,
      corner: -1,
      width: 0.25,
      jaw: 0.14,
      lowerLip: 0.3,
    },
  ],
  angry: [
    {
      browInner: -1,
      browOuter: 0.35,
      browPinch: 1,
      upperLid: 0.15,
      lowerLid: 0.5,
      corner: -0.45,
      press: 1,
      nose: 0.25,
    },
    {
      browInner: -1,
      browOuter: 0.3,
      browPinch: 1,
      upperLid: 0.3,
      lowerLid: 0.4,
      corner: -0.35,
      width: 0.35,
      jaw: 0.4,
      upperLip: 0.7,
      lowerLip: 0.9,
      nose: 0.5,
    },
    { browInner: -0.9, browOuter: 0.2, browPinch: 0.9, lowerLid: 0.6, corner: -0.6, press: 0.6, chin: 0.7, nose: 0.3 },
  ],
  fear: [
    {
      browInner: 0.95,
      browOuter: 0.35,
      browPinch: 0.7,
      upperLid: 1,
      lowerLid: 0.2,
      corner: -0.35,
      width: 0.65,
      jaw: 0.35,
      lowerLip: 0.75,
    },
    {
      browInner: 1,
      browOuter: 0.3,
      browPinch: 0.8,
      upperLid: 0.95,
      lowerLid: 0.3,
      corner: -0.5,
      width: 0.8,
      jaw: 0.15,
      lowerLip: 1,
    },
    {
      browInner: 0.9,
      browOuter: 0.45,
      browPinch: 0.6,
      upperLid: 1,
      corner: -0.3,
      width: 0.3,
      jaw: 0.65,
      lowerLip: 0.5,
    },
  ],
  surprise: [
    { browInner: 1, browOuter: 1, upperLid: 1, width: -0.35, jaw: 0.95 },
    { browInner: 0.9, browOuter: 1, upperLid: 0.85, width: -0.5, jaw: 0.65 },
    { browInner: 1, browOuter: 0.95, upperLid: 0.9, width: -0.15, jaw: 0.8, corner: 0.15 },
  ],
  disgust: [
    {
      browInner: -0.7,
      browOuter: -0.25,
      browPinch: 0.6,
      upperLid: -0.35,
      lowerLid: 0.8,
      corner: -0.6,
      upperLip: 1,
      nose: 1,
      cheek: 0.5,
      chin: 0.4,
    },
    {
      browInner: -0.65,
      browOuter: -0.2,
      browPinch: 0.5,
      upperLid: -0.45,
      lowerLid: 0.9,
      corner: -0.75,
      width: 0.2,
      jaw: 0.3,
      upperLip: 1,
      lowerLip: 0.6,
      nose: 1,
      cheek: 0.5,
    },
    {
      browInner: -0.55,
      browOuter: 0,
      browPinch: 0.5,
      upperLid: -0.3,
      lowerLid: 0.7,
      corner: -0.95,
      upperLip: 0.8,
      nose: 0.9,
      chin: 0.9,
    },
  ],
};

/** One way of showing the emotion at an intensity, each action a little more or less than its prototype. */
export function drawExpression(random: Random, emotion: Emotion, intensity = 1): Expression {
  const prototype = random.pick(PROTOTYPES[emotion]);
  return mapExpression(
    (key) => intensity * (prototype[key] ?? 0) * (0.85 + 0.3 * random.uniform()) + 0.04 * random.normal(),
  );
}

/** The first prototype of an emotion, exactly. */
export function typicalExpression(emotion: Emotion): Expression {
  return { ...REST, ...PROTOTYPES[emotion][0] };
}

/** a at 0, b at 1. */
export function blendExpressions(a: Expression, b: Expression, share: number): Expression {
  return mapExpression((key) => a[key] + (b[key] - a[key]) * share);
}

function mapExpression(value: (key: keyof Expression) => number): Expression {
  const keys = Object.keys(REST) as (keyof Expression)[];
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<keyof Expression, number>;
}
