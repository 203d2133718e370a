import { type Appearance, css, mixRgb, shade } from './appearance.ts';
import { EYE_Y, eyeX } from './eyes.ts';
import type { Pose } from './pose.ts';
import { line, path } from './svg.ts';

/** Brows, and the lines that they fold into the forehead and between them. */
export function brows(look: Appearance, pose: Pose): string {
  const { expression: e } = pose;
  const dark = css(shade(look.skin, 0.5));
  const raised = Math.max(0, (e.browInner + e.browOuter) / 2);
  const worried = Math.max(0, e.browInner - Math.max(0, e.browOuter));
  const forehead = [0, 1, 2].map((i) =>
    line(
      path('M', -20, -38 - 6 * i + 1.5, 'Q', 0, -41 - 6 * i - 2 * worried, 20, -38 - 6 * i + 1.5),
      dark,
      0.9,
      0.05 * look.age + 0.38 * raised * (1 - 0.2 * i) + 0.25 * worried * (i === 0 ? 1 : 0),
    ),
  );
  const frown = [-1, 1].map((side) =>
    line(path('M', side * 2.6, -13, 'Q', side * 2, -18, side * 3.4, -24), dark, 1.3, 0.75 * Math.max(0, e.browPinch)),
  );
  return [...forehead, ...frown, brow(look, pose, -1), brow(look, pose, 1)].join('');
}

function brow(look: Appearance, { expression: e }: Pose, side: -1 | 1): string {
  const centre = eyeX(look);
  const base = EYE_Y - 14 - look.browHeight;
  const innerX = side * (centre - 12.5 - 3 * e.browPinch);
  const innerY = base + 0.3 - lift(e.browInner);
  const midX = side * (centre + 3 - e.browPinch);
  const arch = Math.max(0, Math.min(e.browInner, e.browOuter));
  const midY = base - 2.4 - 0.52 * lift(e.browInner) - 0.46 * lift(e.browOuter) - 0.8 * arch;
  const outerX = side * (centre + 15.5);
  const outerY = base + 2.2 - lift(e.browOuter);
  const thick = 4.6 * look.browThickness;
  const colour = css(mixRgb(look.hair, shade(look.skin, 0.3), 0.35));
  const outline = path(
    'M',
    innerX,
    innerY - thick / 2,
    'Q',
    (innerX + midX) / 2,
    (innerY + midY) / 2 - thick * 0.62,
    midX,
    midY - thick / 2,
    'Q',
    (midX + outerX) / 2 + side * 2,
    midY + 0.2 * (outerY - midY) - thick * 0.2,
    outerX,
    outerY,
    'Q',
    (midX + outerX) / 2 + side,
    midY + 0.45 * (outerY - midY) + thick * 0.45,
    midX,
    midY + thick / 2,
    'Q',
    (innerX + midX) / 2,
    (innerY + midY) / 2 + thick * 0.55,
    innerX + side * 0.8,
    innerY + thick / 2,
    'Q',
    innerX - side * 0.9,
    innerY,
    innerX,
    innerY - thick / 2,
    'Z',
  );
  return `<path d="${outline}" fill="${colour}"/>`;
}

/** Brows rise further than they sink. */
function lift(value: number): number {
  return (value > 0 ? 8 : 6.2) * value;
}
