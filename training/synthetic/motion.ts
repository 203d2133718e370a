import { type Random, random } from '../../models/random.ts';
import type { Emotion } from '../datasets/emotions.ts';
import { type Expression, REST, blendExpressions, drawExpression, typicalExpression } from './expression.ts';
import type { Pose } from './pose.ts';

/** An emotion from a time on, until the next. */
export interface Mood {
  readonly emotion: Emotion;
  readonly startMs: number;
}

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

const ONSET_MS = 600;
const BLINK_MS = 180;
const SYLLABLES_PER_S = 4.3;

/**
 * How a drawn face moves: expressions set in over 0.6 s and hold, the head sways, the eyes blink every few seconds, the
 * mouth moves while it speaks. A pure function of its arguments and the time.
 *
 * @param typical the textbook expression of each emotion instead of a variant drawn by the seed
 */
export function motion({
  seed,
  moods,
  durationMs,
  speech = [],
  typical = false,
}: {
  readonly seed: number;
  readonly moods: readonly Mood[];
  readonly durationMs: number;
  readonly speech?: readonly Interval[];
  readonly typical?: boolean;
}): (timeMs: number) => Pose {
  const stream = random('motion', seed);
  const targets = moods.map(({ emotion, startMs }) => ({
    startMs,
    expression: typical ? typicalExpression(emotion) : drawExpression(stream, emotion),
  }));
  const blinks = blinkTimes(stream, durationMs);
  const [swayX, swayY, roll, yaw, pitch, strength, loudness] = Array.from({ length: 7 }, () => wander(stream)) as [
    Wander,
    Wander,
    Wander,
    Wander,
    Wander,
    Wander,
    Wander,
  ];
  return (timeMs) => {
    const held = expressionAt(targets, timeMs);
    return {
      expression: blendExpressions(REST, held, 1 + 0.08 * strength(timeMs)),
      blink: Math.max(0, ...blinks.map((at) => 1 - Math.abs(timeMs - at) / (BLINK_MS / 2))),
      speech: speechAt(speech, timeMs) * (0.65 + 0.35 * loudness(timeMs * 3)),
      x: 3.5 * swayX(timeMs),
      y: 2 * swayY(timeMs),
      roll: 3 * roll(timeMs),
      yaw: 0.7 * yaw(timeMs),
      pitch: 0.6 * pitch(timeMs),
      zoom: 1,
    };
  };
}

type Wander = (timeMs: number) => number;

/** A smooth course within [-1, 1]: three slow sines of drawn frequency and phase. */
function wander(stream: Random): Wander {
  const waves = [0.5, 0.3, 0.2].map((weight, i) => ({
    weight,
    hz: (0.12 + 0.2 * stream.uniform()) * (i + 1),
    phase: 2 * Math.PI * stream.uniform(),
  }));
  return (timeMs) =>
    waves.reduce(
      (sum, { weight, hz, phase }) => sum + weight * Math.sin((2 * Math.PI * hz * timeMs) / 1000 + phase),
      0,
    );
}

function blinkTimes(stream: Random, durationMs: number): number[] {
  const times: number[] = [];
  for (let at = 500 + 2500 * stream.uniform(); at < durationMs; at += 2200 + 2800 * stream.uniform()) times.push(at);
  return times;
}

function expressionAt(
  targets: readonly { readonly startMs: number; readonly expression: Expression }[],
  timeMs: number,
): Expression {
  let current: Expression = targets[0]?.expression ?? REST;
  for (const { startMs, expression } of targets.slice(1))
    if (timeMs > startMs) current = blendExpressions(current, expression, smooth((timeMs - startMs) / ONSET_MS));
  return current;
}

function speechAt(speech: readonly Interval[], timeMs: number): number {
  const current = speech.find(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);
  if (current === undefined) return 0;
  const edge = Math.min(1, (timeMs - current.startMs) / 120, (current.endMs - timeMs) / 120);
  return edge * Math.abs(Math.sin((Math.PI * SYLLABLES_PER_S * (timeMs - current.startMs)) / 1000));
}

/** 0 to 1 with level ends (smoothstep). */
function smooth(share: number): number {
  const s = Math.min(1, Math.max(0, share));
  return s * s * (3 - 2 * s);
}
