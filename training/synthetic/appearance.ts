import { random } from '../../models/random.ts';

/** How a drawn person looks; everything that does not move. */
export interface Appearance {
  readonly skin: Rgb;
  readonly hair: Rgb;
  readonly iris: Rgb;
  readonly lips: Rgb;
  readonly shirt: Rgb;
  readonly backdrop: readonly [Rgb, Rgb];
  readonly hairStyle: 'short' | 'long' | 'parted' | 'curly' | 'bald';
  readonly beard: 'none' | 'stubble' | 'full';
  readonly glasses: boolean;
  /** Widths and heights against the average face, about 1. */
  readonly faceWidth: number;
  readonly jawWidth: number;
  readonly eyeSize: number;
  readonly eyeGap: number;
  readonly noseWidth: number;
  readonly noseLength: number;
  readonly mouthWidth: number;
  readonly lipFullness: number;
  readonly browThickness: number;
  /** Resting brow height, positive is higher. */
  readonly browHeight: number;
  /** 0 smooth to 1 lined. */
  readonly age: number;
  /** -1 light from the left to 1 from the right. */
  readonly light: number;
}

export type Rgb = readonly [number, number, number];

const SKINS: readonly Rgb[] = [
  [255, 224, 198],
  [244, 204, 172],
  [231, 184, 147],
  [214, 160, 120],
  [188, 132, 94],
  [156, 104, 72],
  [122, 80, 56],
  [96, 62, 46],
];
const HAIRS: readonly Rgb[] = [
  [24, 20, 20],
  [52, 36, 26],
  [86, 58, 36],
  [124, 84, 48],
  [186, 148, 92],
  [150, 74, 40],
  [150, 148, 146],
];
const IRISES: readonly Rgb[] = [
  [70, 44, 28],
  [104, 70, 36],
  [90, 106, 72],
  [84, 116, 150],
];

/** The person that belongs to a seed. */
export function appearanceOf(seed: number): Appearance {
  const stream = random('drawn face', seed);
  const about = (spread: number): number => 1 + spread * (2 * stream.uniform() - 1);
  const tone = stream.int(SKINS.length);
  const skin = shade(SKINS[tone] as Rgb, about(0.05));
  const darkOnly = tone >= 4;
  const hair = shade(stream.pick(darkOnly ? HAIRS.slice(0, 3) : HAIRS), about(0.15));
  const hairStyle = stream.pick(['short', 'long', 'parted', 'curly', 'bald', 'short', 'long'] as const);
  const beard = hairStyle === 'long' ? 'none' : stream.pick(['none', 'none', 'none', 'stubble', 'full'] as const);
  const coloured = (spread: number): Rgb => {
    const level = 60 + 140 * stream.uniform();
    const channel = (): number => limit(level + spread * (2 * stream.uniform() - 1));
    return [channel(), channel(), channel()];
  };
  const wall = coloured(30);
  return {
    skin,
    hair,
    iris: stream.pick(darkOnly ? IRISES.slice(0, 2) : IRISES),
    lips: mixRgb(skin, [168, 58, 62], 0.45 + 0.2 * stream.uniform()),
    shirt: coloured(70),
    backdrop: [shade(wall, 1.12), shade(wall, 0.6 + 0.3 * stream.uniform())],
    hairStyle,
    beard,
    glasses: stream.chance(0.2),
    faceWidth: about(0.08),
    jawWidth: about(0.12),
    eyeSize: about(0.1),
    eyeGap: about(0.07),
    noseWidth: about(0.18),
    noseLength: about(0.1),
    mouthWidth: about(0.12),
    lipFullness: about(0.3),
    browThickness: about(0.3),
    browHeight: 2 * (2 * stream.uniform() - 1),
    age: stream.uniform(),
    light: 2 * stream.uniform() - 1,
  };
}

export function shade([r, g, b]: Rgb, factor: number): Rgb {
  return [limit(r * factor), limit(g * factor), limit(b * factor)];
}

export function mixRgb(a: Rgb, b: Rgb, share: number): Rgb {
  const [r, g, blue] = a.map((value, i) => limit(value + ((b[i] as number) - value) * share));
  return [r as number, g as number, blue as number];
}

/** `rgb(...)` for SVG. */
export function css([r, g, b]: Rgb): string {
  return `rgb(${Math.round(r)},${Math.round(g)},${Math.round(b)})`;
}

function limit(value: number): number {
  return Math.min(255, Math.max(0, value));
}
