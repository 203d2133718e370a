import { type Appearance, css, mixRgb, shade } from './appearance.ts';
import type { Pose } from './pose.ts';
import { line, n, path } from './svg.ts';

/** Height of the eyes' centres; face units, y down, 0 between eyes and nose. */
export const EYE_Y = -6;

/** Both eyes with lids, lashes and the fold above them. */
export function eyes(look: Appearance, pose: Pose): string {
  return eye(look, pose, -1) + eye(look, pose, 1);
}

export function eyeX(look: Appearance): number {
  return 21 * look.eyeGap;
}

/** `side` is -1 for the picture's left eye, 1 for its right. */
function eye(look: Appearance, { expression: e, blink, yaw }: Pose, side: -1 | 1): string {
  const half = 11.4 * look.eyeSize;
  const x = side * eyeX(look);
  const inner = x - side * half;
  const outer = x + side * half;
  const open = Math.max(0, 1 - blink);
  const slant = 2.2 * e.lidSlant;
  const innerY = EYE_Y + 1 - 0.8 * e.lidSlant;
  const outerY = EYE_Y - 0.6 + slant;
  const up = Math.max(0.15, 6.2 * look.eyeSize * (1 + 0.62 * e.upperLid) * open);
  const down = Math.max(0.1, 4 * look.eyeSize * (1 - 0.62 * e.lowerLid) * (1 + 0.2 * Math.max(0, e.upperLid)) * open);
  const closing = EYE_Y + 2.2 * (1 - open);
  // A cubic's middle lies at 3/4 of its control points' height.
  const top = closing - up * 1.33;
  const bottom = closing + down * 1.33;
  // A lowered brow presses the inner half of the lid down; a worried one lifts it.
  const innerTop = top + 3.2 * Math.max(0, -e.browInner) * open - 1.6 * Math.max(0, e.browInner) * open;
  const upperLid = [
    'C',
    inner + side * half * 0.45,
    innerTop,
    outer - side * half * 0.55,
    top + slant * 0.8,
    outer,
    outerY,
  ] as const;
  const shape = path(
    'M',
    inner,
    innerY,
    ...upperLid,
    'C',
    outer - side * half * 0.5,
    bottom,
    inner + side * half * 0.5,
    bottom,
    inner,
    innerY,
    'Z',
  );
  const clip = side < 0 ? 'eye-left' : 'eye-right';
  const irisX = x + 2.4 * yaw;
  const irisY = EYE_Y - 0.3 - 2.4 * e.gaze * (e.gaze > 0 ? 1 : 0.9);
  const iris = 5.6 * look.eyeSize;
  const dark = css(shade(look.skin, 0.42));
  const lash = css(mixRgb(shade(look.skin, 0.25), [15, 10, 10], 0.6));
  const lid = path('M', inner, innerY, ...upperLid);
  const fold = path(
    'M',
    inner + side * 1.5,
    innerY - 3.4,
    'C',
    inner + side * half * 0.45,
    innerTop - 3.6,
    outer - side * half * 0.55,
    top - 3.2 + slant * 0.8,
    outer + side * 0.6,
    outerY - 2.6,
  );
  return [
    `<clipPath id="${clip}"><path d="${shape}"/></clipPath>`,
    `<g clip-path="url(#${clip})">`,
    `<path d="${shape}" fill="rgb(240,236,232)"/>`,
    `<circle cx="${n(irisX)}" cy="${n(irisY)}" r="${n(iris)}" fill="${css(look.iris)}"/>`,
    `<circle cx="${n(irisX)}" cy="${n(irisY)}" r="${n(iris)}" fill="none" stroke="${css(shade(look.iris, 0.45))}" stroke-width="1.1"/>`,
    `<circle cx="${n(irisX)}" cy="${n(irisY)}" r="${n(iris * 0.46)}" fill="rgb(12,10,12)"/>`,
    `<circle cx="${n(irisX + 1.5)}" cy="${n(irisY - 1.7)}" r="1.15" fill="white" opacity="0.9"/>`,
    // The lid's shadow on the eyeball.
    line(lid, 'rgb(60,40,40)', 3.2, 0.28),
    `</g>`,
    line(fold, dark, 1.1, 0.55),
    line(lid, lash, 1.9),
    line(
      path(
        'M',
        inner,
        innerY,
        'C',
        inner + side * half * 0.5,
        bottom,
        outer - side * half * 0.5,
        bottom,
        outer,
        outerY,
      ),
      dark,
      0.8,
      0.6,
    ),
    // Bags and tightened lower lids.
    line(
      path('M', inner + side, innerY + 4.5, 'Q', x, EYE_Y + 9.4 - 2.2 * e.lowerLid, outer - side * 2, outerY + 5.2),
      dark,
      1,
      0.12 + 0.2 * look.age + 0.3 * Math.max(0, e.lowerLid),
    ),
    // Crow's feet of a raised cheek.
    ...[-2.5, 0.5, 3.5].map((dy) =>
      line(
        path('M', outer + side * 2.5, outerY + dy * 0.6 + 0.5, 'L', outer + side * 7, outerY + dy * 1.4 + 0.5),
        dark,
        0.8,
        0.45 * Math.max(0, e.cheek),
      ),
    ),
  ].join('');
}
