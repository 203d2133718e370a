import { type Appearance, css, mixRgb, shade } from './appearance.ts';
import { jawDrop } from './mouth.ts';
import type { Pose } from './pose.ts';
import { line, n, path, spot } from './svg.ts';

/** Outline of the face below the hair: temples, cheekbones, jaw, chin. */
function faceOutline(look: Appearance, pose: Pose): string {
  const w = 47 * look.faceWidth;
  const jaw = 34 * look.jawWidth * look.faceWidth;
  const chin = 68 + jawDrop(pose);
  const low = 46 + 0.6 * jawDrop(pose);
  return path(
    'M',
    -w,
    -14,
    'C',
    -w,
    -50,
    -30,
    -69,
    0,
    -69,
    'C',
    30,
    -69,
    w,
    -50,
    w,
    -14,
    'C',
    w,
    10,
    w - 3,
    28,
    jaw,
    low,
    'C',
    jaw * 0.72,
    chin - 5,
    14,
    chin,
    0,
    chin,
    'C',
    -14,
    chin,
    -jaw * 0.72,
    chin - 5,
    -jaw,
    low,
    'C',
    -w + 3,
    28,
    -w,
    10,
    -w,
    -14,
    'Z',
  );
}

/** Neck, shoulders, ears and the shaded face without features. */
export function head(look: Appearance, pose: Pose): string {
  const w = 47 * look.faceWidth;
  const dark = css(shade(look.skin, 0.62));
  const outline = faceOutline(look, pose);
  const chin = 68 + jawDrop(pose);
  const ear = (side: number): string =>
    `<ellipse cx="${n(side * (w + 1.5))}" cy="0" rx="6.5" ry="12" fill="${css(shade(look.skin, 0.88))}"/>` +
    line(path('M', side * (w + 3.5), -6, 'Q', side * (w + 6), 0, side * (w + 2.5), 6), dark, 1.2, 0.6);
  return [
    ear(-1),
    ear(1),
    `<clipPath id="face"><path d="${outline}"/></clipPath>`,
    `<path d="${outline}" fill="url(#skin)"/>`,
    `<g clip-path="url(#face)">`,
    `<rect x="-70" y="-90" width="140" height="190" fill="url(#side-light)"/>`,
    spot(0, -40, 34, 22, 'soft-light', 0.35),
    spot(-26, 16, 15, 12, 'soft-light', 0.22),
    spot(26, 16, 15, 12, 'soft-light', 0.22),
    spot(0, chin - 9, 13, 7, 'soft-light', 0.25),
    spot(-38, 34, 16, 26, 'soft-shadow', 0.25),
    spot(38, 34, 16, 26, 'soft-shadow', 0.25),
    `</g>`,
    line(outline, dark, 1, 0.5),
  ].join('');
}

export function body(look: Appearance, pose: Pose): string {
  const chin = 68 + jawDrop(pose) * 0.4;
  return [
    `<path d="${path('M', -22, 30, 'L', -24, 82, 'L', 24, 82, 'L', 22, 30, 'Z')}" fill="${css(shade(look.skin, 0.74))}"/>`,
    `<path d="${path('M', -120, 150, 'C', -110, 96, -60, 92, -24, 80, 'Q', 0, 92, 24, 80, 'C', 60, 92, 110, 96, 120, 150, 'Z')}" fill="${css(look.shirt)}"/>`,
    spot(0, chin + 4, 30, 12, 'soft-shadow', 0.6),
  ].join('');
}

/** Sockets, nose bridge, tip and nostrils. */
export function nose(look: Appearance, { expression: e, yaw }: Pose): string {
  const wide = look.noseWidth * (1 + 0.14 * Math.max(0, e.nose) + 0.06 * Math.max(0, e.corner));
  const tip = 22 * look.noseLength + 2 - 2.5 * Math.max(0, e.nose);
  const dark = css(shade(look.skin, 0.45));
  const lit = look.light > 0 ? -1 : 1;
  const x = 2.5 * yaw;
  return [
    spot(-18, -9, 15, 11, 'soft-shadow', 0.34 + 0.2 * Math.max(0, -e.browInner)),
    spot(18, -9, 15, 11, 'soft-shadow', 0.34 + 0.2 * Math.max(0, -e.browInner)),
    spot(lit * 7 + x, 8, 6, 18, 'soft-shadow', 0.38),
    spot(x, 5, 3.2, 16, 'soft-light', 0.55),
    spot(x, tip - 3, 6, 5, 'soft-light', 0.55),
    line(path('M', lit * 4.5 + x * 0.4, -10, 'Q', lit * 5 + x, 4, lit * 7 * wide + x, tip - 5), dark, 1.1, 0.32),
    ...[-1, 1].map((side) =>
      line(
        path(
          'M',
          side * 8.2 * wide + x,
          tip - 5.5,
          'Q',
          side * 11.2 * wide + x,
          tip - 0.5,
          side * 8 * wide + x,
          tip + 2,
          'Q',
          side * 5.5 * wide + x,
          tip + 2.6,
          side * 4.4 * wide + x,
          tip + 2,
        ),
        dark,
        1.3,
        0.75,
      ),
    ),
    ...[-1, 1].map(
      (side) =>
        `<ellipse cx="${n(side * 5 * wide + x)}" cy="${n(tip + 1.4)}" rx="${n(2.6 * wide)}" ry="1.4" fill="${css(shade(look.skin, 0.28))}"/>`,
    ),
    line(path('M', -4 * wide + x, tip + 3, 'Q', x, tip + 5, 4 * wide + x, tip + 3), dark, 1.2, 0.5),
    ...[-1, 1].flatMap((side) => [
      line(path('M', side * 3, -3, 'Q', side * 6, 1, side * 10, 0), dark, 1.2, 0.7 * Math.max(0, e.nose)),
      line(path('M', side * 3.4, 2.5, 'Q', side * 7, 6.5, side * 12, 6), dark, 1.1, 0.6 * Math.max(0, e.nose)),
    ]),
    line(path('M', -4, -9, 'Q', 0, -7, 4, -9), dark, 1.1, 0.55 * Math.max(0, e.nose)),
  ].join('');
}

export function beard(look: Appearance, pose: Pose): string {
  if (look.beard === 'none') return '';
  const w = 47 * look.faceWidth;
  const low = 72 + jawDrop(pose);
  const colour = css(mixRgb(look.hair, look.skin, 0.1));
  const data = path(
    'M',
    -w,
    8,
    'C',
    -w + 6,
    26,
    -26,
    28,
    -20,
    31,
    'Q',
    0,
    25,
    20,
    31,
    'C',
    26,
    28,
    w - 6,
    26,
    w,
    8,
    'L',
    w,
    low,
    'L',
    -w,
    low,
    'Z',
  );
  return `<path d="${data}" clip-path="url(#face)" fill="${colour}" opacity="${look.beard === 'full' ? 0.85 : 0.28}"/>`;
}

export function glasses(look: Appearance): string {
  if (!look.glasses) return '';
  const x = 21 * look.eyeGap;
  const frame = (side: number): string =>
    `<rect x="${n(side * x - 14.5)}" y="-16" width="29" height="21" rx="7" fill="white" fill-opacity="0.06" stroke="rgb(36,34,38)" stroke-width="1.8"/>`;
  return [
    frame(-1),
    frame(1),
    line(path('M', -x + 14.5, -8, 'Q', 0, -11, x - 14.5, -8), 'rgb(36,34,38)', 1.8),
    line(path('M', -x - 14.5, -9, 'L', -47 * look.faceWidth, -11), 'rgb(36,34,38)', 1.8),
    line(path('M', x + 14.5, -9, 'L', 47 * look.faceWidth, -11), 'rgb(36,34,38)', 1.8),
  ].join('');
}
