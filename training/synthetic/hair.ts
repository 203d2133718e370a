import { type Appearance, css, shade } from './appearance.ts';
import { line, path } from './svg.ts';

/** What of the hair is behind the head. */
export function hairBehind(look: Appearance): string {
  const w = 47 * look.faceWidth;
  const fill = css(shade(look.hair, 0.8));
  switch (look.hairStyle) {
    case 'long':
      return `<path d="${path('M', -w - 10, -20, 'C', -w - 8, -92, w + 8, -92, w + 10, -20, 'C', w + 16, 30, w + 12, 80, w + 2, 96, 'L', -w - 2, 96, 'C', -w - 12, 80, -w - 16, 30, -w - 10, -20, 'Z')}" fill="${fill}"/>`;
    case 'curly':
      return `<g fill="${fill}">${Array.from({ length: 13 }, (_, i) => {
        const angle = Math.PI * (1.12 - (1.24 * i) / 12);
        return `<circle cx="${Math.round((w + 2) * Math.cos(angle))}" cy="${Math.round(-24 - 52 * Math.sin(angle))}" r="15"/>`;
      }).join('')}</g>`;
    case 'short':
    case 'parted':
    case 'bald':
      return '';
  }
  return '';
}

/** What of the hair lies on the head: crown, hairline, sides. */
export function hairInFront(look: Appearance): string {
  const w = 47 * look.faceWidth;
  const fill = css(look.hair);
  const sheen = css(shade(look.hair, 1.35));
  const crown = ['M', -w - 2.5, -6, 'C', -w - 6, -58, -32, -82, 0, -82, 'C', 32, -82, w + 6, -58, w + 2.5, -6] as const;
  switch (look.hairStyle) {
    case 'bald':
      return [-1, 1]
        .map(
          (side) =>
            `<path d="${path('M', side * (w + 1.5), 2, 'C', side * (w + 5), -14, side * (w + 2), -30, side * (w - 6), -40, 'C', side * (w - 2), -26, side * (w - 2), -12, side * (w - 2.5), 2, 'Z')}" fill="${fill}" opacity="0.75"/>`,
        )
        .join('');
    case 'parted':
      return (
        `<path d="${path(...crown, 'C', w - 2, -26, w - 8, -40, 18, -52, 'C', 4, -46, -10, -54, -14, -58, 'C', -26, -50, -w + 6, -40, -w + 2, -22, 'Z')}" fill="${fill}"/>` +
        line(path('M', -14, -60, 'C', 4, -68, 22, -62, 34, -46), sheen, 2, 0.5)
      );
    case 'long':
      return (
        `<path d="${path(...crown, 'C', w + 2, 20, w, 30, w - 1, 34, 'C', w - 4, 0, w - 8, -34, 6, -60, 'C', -8, -36, -w + 6, -30, -w + 3, 6, 'C', -w + 2, 20, -w + 1, 30, -w + 1, 34, 'C', -w, 20, -w - 2, 10, -w - 2.5, -6, 'Z')}" fill="${fill}"/>` +
        line(path('M', 6, -62, 'C', 24, -58, 36, -40, 42, -12), sheen, 2, 0.45)
      );
    case 'curly':
      return `<path d="${path(...crown, 'C', w - 4, -34, w - 12, -46, 20, -48, 'C', 8, -54, -8, -44, -20, -50, 'C', -w + 10, -44, -w + 4, -34, -w - 2.5, -6, 'Z')}" fill="${fill}"/>`;
    case 'short':
      return (
        `<path d="${path(...crown, 'C', w - 1.5, -22, w - 5, -38, 30, -46, 'C', 12, -54, -12, -54, -30, -46, 'C', -w + 5, -38, -w + 1.5, -22, -w - 2.5, -6, 'Z')}" fill="${fill}"/>` +
        line(path('M', -24, -64, 'C', -8, -72, 10, -72, 24, -64), sheen, 2, 0.4)
      );
  }
  return '';
}
