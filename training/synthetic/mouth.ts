import { type Appearance, css, mixRgb, shade } from './appearance.ts';
import type { Pose } from './pose.ts';
import { line, n, path, spot } from './svg.ts';

const MOUTH_Y = 42;

/** How far the chin goes down with the jaw, in face units. */
export function jawDrop({ expression: e, speech }: Pose): number {
  return 11 * Math.max(0, Math.min(1, e.jaw + 0.35 * speech));
}

/** Lips, teeth, the inside of the mouth, and the folds beside and below it. */
export function mouth(look: Appearance, pose: Pose): string {
  const { expression: e, speech } = pose;
  const jaw = Math.max(0, Math.min(1.1, e.jaw + 0.35 * speech * (1 - 0.3 * e.jaw)));
  const half = 18.8 * look.mouthWidth * (1 + 0.34 * e.width - 0.1 * speech);
  const cornerY = MOUTH_Y - 8.5 * e.corner + (e.corner > 0 ? 1.5 : -0.5) * Math.abs(e.corner) + 3.5 * jaw;
  const sag = e.corner > 0 ? 3.4 * e.corner : 2.6 * e.corner;
  const upper = MOUTH_Y + sag - 5.5 * Math.max(0, e.upperLip) - 1.5 * jaw - 1.5 * e.chin;
  const gap =
    19 * jaw +
    5.5 * Math.max(0, e.lowerLip) +
    5 * Math.max(0, e.upperLip) * (jaw > 0.05 || e.lowerLip > 0.1 ? 1 : 0.35);
  const lower = upper + Math.max(0.3, gap);
  const round = 0.45 + 0.4 * Math.max(0, jaw - 0.3) + 0.3 * Math.max(0, e.lowerLip);
  const thin = 1 - 0.68 * Math.max(0, e.press);
  const upperThick = 4.4 * look.lipFullness * thin * (1 - 0.3 * Math.max(0, e.width));
  const lowerThick = 6 * look.lipFullness * thin * (1 + 0.25 * e.chin) * (1 - 0.25 * Math.max(0, e.width));

  const k = half * round;
  const top = [
    'C',
    -half + (half - k) * 0.35,
    cornerY + (upper - cornerY) * 1.05,
    -k * 0.5,
    upper,
    0,
    upper,
    'C',
    k * 0.5,
    upper,
    half - (half - k) * 0.35,
    cornerY + (upper - cornerY) * 1.05,
    half,
    cornerY,
  ] as const;
  const bottom = [
    'C',
    half * (0.72 + 0.25 * jaw),
    cornerY + (lower - cornerY) * 1.02,
    k * 0.8,
    lower,
    0,
    lower,
    'C',
    -k * 0.8,
    lower,
    -half * (0.72 + 0.25 * jaw),
    cornerY + (lower - cornerY) * 1.02,
    -half,
    cornerY,
  ] as const;
  const opening = path('M', -half, cornerY, ...top, ...bottom, 'Z');
  const peak = upper - upperThick;
  const upperLip = path(
    'M',
    -half - 0.8,
    cornerY,
    'C',
    -half * 0.6,
    cornerY + (peak - cornerY) * 0.75,
    -8,
    peak - 0.8,
    -4.2,
    peak - 0.6,
    'Q',
    0,
    peak + 1.6,
    4.2,
    peak - 0.6,
    'C',
    8,
    peak - 0.8,
    half * 0.6,
    cornerY + (peak - cornerY) * 0.75,
    half + 0.8,
    cornerY,
    'C',
    half - (half - k) * 0.35,
    cornerY + (upper - cornerY) * 1.05,
    k * 0.5,
    upper,
    0,
    upper,
    'C',
    -k * 0.5,
    upper,
    -half + (half - k) * 0.35,
    cornerY + (upper - cornerY) * 1.05,
    -half - 0.8,
    cornerY,
    'Z',
  );
  const floor = lower + lowerThick;
  const lowerLip = path(
    'M',
    -half - 0.8,
    cornerY,
    'C',
    -half * (0.72 + 0.25 * jaw),
    cornerY + (lower - cornerY) * 1.02,
    -k * 0.8,
    lower,
    0,
    lower,
    'C',
    k * 0.8,
    lower,
    half * (0.72 + 0.25 * jaw),
    cornerY + (lower - cornerY) * 1.02,
    half + 0.8,
    cornerY,
    'C',
    half * (0.7 + 0.25 * jaw),
    cornerY + (floor - cornerY) * 0.95,
    half * 0.5,
    floor,
    0,
    floor,
    'C',
    -half * 0.5,
    floor,
    -half * (0.7 + 0.25 * jaw),
    cornerY + (floor - cornerY) * 0.95,
    -half - 0.8,
    cornerY,
    'Z',
  );
  const dark = css(shade(look.skin, 0.5));
  const lips = css(look.lips);
  const showUpper = gap > 2.5 && e.width > -0.3;
  const teeth = (y: number, height: number): string =>
    `<rect x="${n(-half)}" y="${n(y)}" width="${n(2 * half)}" height="${n(height)}" fill="rgb(244,240,232)"/>`;
  return [
    spot(0, floor + 5, half * 0.75, 4.5, 'soft-shadow', 0.3 + 0.25 * Math.max(0, e.chin)),
    `<path d="${upperLip}" fill="${css(shade(look.lips, 0.86))}"/>`,
    `<path d="${lowerLip}" fill="${lips}"/>`,
    spot(0, (lower + floor) / 2, half * 0.4, lowerThick * 0.35, 'soft-light', 0.35),
    `<clipPath id="mouth"><path d="${opening}"/></clipPath>`,
    `<path d="${opening}" fill="rgb(58,18,22)"/>`,
    `<g clip-path="url(#mouth)">`,
    jaw > 0.35
      ? `<ellipse cx="0" cy="${n(lower)}" rx="${n(half * 0.62)}" ry="${n(gap * 0.3)}" fill="rgb(176,84,88)"/>`
      : '',
    showUpper ? teeth(upper - 6, 6 + Math.min(6.5, 1 + gap * (0.45 + 0.4 * Math.max(0, e.upperLip)))) : '',
    e.lowerLip > 0.35 ? teeth(lower - Math.min(4.5, gap * 0.4), 12) : '',
    `</g>`,
    line(path('M', -half, cornerY, ...top), css(mixRgb(shade(look.lips, 0.45), [50, 20, 20], 0.4)), 1.3),
    folds(look, pose, half, cornerY, dark),
  ].join('');
}

function folds(look: Appearance, { expression: e }: Pose, half: number, cornerY: number, dark: string): string {
  const smile = Math.max(0, e.corner);
  const depth = 0.1 + 0.22 * look.age + 0.55 * smile + 0.6 * Math.max(0, e.nose) + 0.25 * Math.max(0, e.upperLip);
  const down = Math.max(0, -e.corner);
  return [-1, 1]
    .flatMap((side) => [
      line(
        path(
          'M',
          side * 11.5 * look.noseWidth,
          21 - 2 * e.nose,
          'Q',
          side * (half * 0.92 + 3),
          25,
          side * (half + 5),
          cornerY + 1,
        ),
        dark,
        1.4,
        depth * 0.65,
      ),
      line(
        path(
          'M',
          side * (half + 1),
          cornerY - 2,
          'Q',
          side * (half + 2.6),
          cornerY,
          side * (half + 1.5),
          cornerY + 2.5,
        ),
        dark,
        1.2,
        0.35 + 0.3 * smile,
      ),
      line(
        path('M', side * (half + 1), cornerY + 2, 'Q', side * (half + 4), cornerY + 6, side * (half + 3), cornerY + 12),
        dark,
        1.2,
        0.1 * look.age + 0.5 * down,
      ),
      // The round cheek above a smile.
      spot(side * (half + 11), 19 - 5 * smile, 12, 9, 'soft-light', 0.3 * Math.max(0, e.cheek)),
      spot(side * (half + 10), 18 - 4 * smile, 13, 9, 'soft-blush', 0.15 + 0.3 * Math.max(0, e.cheek)),
    ])
    .join('');
}
