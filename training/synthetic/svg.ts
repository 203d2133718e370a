/** Numbers in SVG paths with two digits. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A path's data from commands and coordinates: `path('M', 0, 1, 'L', 2, 3)`. */
export function path(...parts: readonly (string | number)[]): string {
  return parts.map((part) => (typeof part === 'number' ? n(part) : part)).join(' ');
}

/** A soft spot: an ellipse that fades to nothing, by the gradient named `soft-COLOUR`. */
export function spot(x: number, y: number, rx: number, ry: number, gradient: string, opacity: number): string {
  if (opacity <= 0.01) return '';
  return `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="url(#${gradient})" opacity="${n(opacity)}"/>`;
}

/** An unfilled line. */
export function line(data: string, colour: string, width: number, opacity = 1): string {
  if (opacity <= 0.01) return '';
  return `<path d="${data}" fill="none" stroke="${colour}" stroke-width="${n(width)}" stroke-linecap="round" opacity="${n(Math.min(1, opacity))}"/>`;
}

/** A gradient from a colour at the centre to nothing at the rim. */
export function softGradient(id: string, colour: string): string {
  return `<radialGradient id="${id}"><stop offset="0" stop-color="${colour}"/><stop offset="0.5" stop-color="${colour}" stop-opacity="0.55"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient>`;
}
