import { type Appearance, css, mixRgb, shade } from './appearance.ts';
import { brows } from './brows.ts';
import { eyes } from './eyes.ts';
import { hairBehind, hairInFront } from './hair.ts';
import { beard, body, glasses, head, nose } from './head.ts';
import { mouth } from './mouth.ts';
import type { Pose } from './pose.ts';
import { n, softGradient } from './svg.ts';

/** Height of the frame in face units at zoom 1; a head is about 150 high. */
const FRAME_UNITS = 160;

/** An SVG of a person in a pose, `width` x `height` pixels. */
export function faceSvg(look: Appearance, pose: Pose, { width, height }: { width: number; height: number }): string {
  const scale = (height / FRAME_UNITS) * pose.zoom;
  const [wall, corner] = look.backdrop;
  const features = `translate(${n(3.5 * pose.yaw)} ${n(-3 * pose.pitch)})`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<defs>`,
    `<linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${css(wall)}"/><stop offset="1" stop-color="${css(corner)}"/></linearGradient>`,
    `<radialGradient id="skin" cx="0.5" cy="0.42" r="0.62"><stop offset="0" stop-color="${css(shade(look.skin, 1.06))}"/><stop offset="0.6" stop-color="${css(look.skin)}"/><stop offset="1" stop-color="${css(shade(look.skin, 0.72))}"/></radialGradient>`,
    sideLight(look),
    softGradient('soft-light', css(mixRgb(look.skin, [255, 255, 255], 0.55))),
    softGradient('soft-shadow', css(shade(look.skin, 0.42))),
    softGradient('soft-blush', css(mixRgb(look.skin, [214, 70, 70], 0.6))),
    `</defs>`,
    `<rect width="${width}" height="${height}" fill="url(#wall)"/>`,
    `<g transform="translate(${n(width / 2)} ${n(height / 2)}) scale(${scale.toFixed(4)}) translate(${n(pose.x)} ${n(pose.y + 5)})">`,
    body(look, pose),
    `<g transform="rotate(${n(pose.roll)} 0 60)">`,
    hairBehind(look),
    head(look, pose),
    beard(look, pose),
    `<g transform="${features}">`,
    nose(look, pose),
    eyes(look, pose),
    mouth(look, pose),
    brows(look, pose),
    glasses(look),
    `</g>`,
    hairInFront(look),
    `</g></g></svg>`,
  ].join('');
}

function sideLight({ light, skin }: Appearance): string {
  const dark = css(shade(skin, 0.35));
  const bright = css(mixRgb(skin, [255, 250, 240], 0.7));
  const strength = 0.12 + 0.28 * Math.abs(light);
  const [left, right] = light > 0 ? [dark, bright] : [bright, dark];
  return `<linearGradient id="side-light" x1="0" x2="1"><stop offset="0" stop-color="${left}" stop-opacity="${n(strength)}"/><stop offset="0.5" stop-color="${left}" stop-opacity="0"/><stop offset="0.5" stop-color="${right}" stop-opacity="0"/><stop offset="1" stop-color="${right}" stop-opacity="${n(strength)}"/></linearGradient>`;
}
