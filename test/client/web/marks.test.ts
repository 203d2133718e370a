import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fillSource } from '../../../client/web/src/view/hatch.ts';
import type { Source } from '../../../client/web/src/view/history.ts';
import type { Theme } from '../../../client/web/src/view/theme.ts';

const base = readFileSync(new URL('../../../client/web/src/style/base.css', import.meta.url), 'utf8');
/** The colours of the style sheet by scheme; the dark ones come second. */
const [light = {}, dark = {}] = [...base.matchAll(/:root \{([^}]*)\}/g)].map(([, body = '']) =>
  Object.fromEntries([...body.matchAll(/--(\w[\w-]*): (#\w{6});/g)].map(([, name, value]) => [name, value])),
);

/** Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour = ''): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string | undefined, b: string | undefined): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

/** What a source is filled with: its colours, and the share of its area under stripes 7 px apart at 45 degrees. */
function filled(source: Source): { readonly fills: string[]; readonly striped: number } {
  const fills: string[] = [];
  let striped = 0;
  const context = {
    fillStyle: '',
    lineWidth: 0,
    fillRect: () => fills.push(context.fillStyle),
    stroke: () => (striped = context.lineWidth / (7 * Math.SQRT1_2)),
    ...Object.fromEntries(
      ['save', 'restore', 'beginPath', 'rect', 'clip', 'moveTo', 'lineTo'].map((name) => [name, () => undefined]),
    ),
  };
  const colours = new Proxy({}, { get: (_, name) => name }) as Theme;
  fillSource(context as unknown as CanvasRenderingContext2D, colours, source, { x: 0, y: 0, width: 50, height: 26 });
  return { fills, striped };
}

test('observed, in part and synthesised differ in how much of them is dark', () => {
  expect(filled('observed')).toEqual({ fills: ['seen'], striped: 0 });
  expect(filled('mixed').striped).toBeGreaterThan(0.55);
  expect(filled('mixed').striped).toBeLessThan(0.75);
  expect(filled('virtual').striped).toBeLessThan(0.35);
});

test.each([
  ['light', light],
  ['dark', dark],
])('what is drawn on the strip or marks a choice has a contrast of 3 to 1 at least: %s', (_, colours) => {
  const [line = ''] = filled('absent').fills;
  for (const name of [line, 'seen', 'edge']) expect(contrast(colours[name], colours['raised'])).toBeGreaterThan(3);
  expect(contrast(colours[line], colours['card'])).toBeGreaterThan(3);
});
