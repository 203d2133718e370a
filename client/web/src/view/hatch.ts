import type { Source } from './history.ts';
import type { Theme } from './theme.ts';

/** Fills a rectangle as its source is drawn: solid, solid under stripes, stripes, or a thin empty line. */
export function fillSource(
  context: CanvasRenderingContext2D,
  colours: Theme,
  source: Source,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): void {
  const { x, y, width, height } = box;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  if (source === 'absent') {
    context.fillStyle = colours.muted;
    context.fillRect(x, y + height / 2 - 0.75, width, 1.5);
  } else if (source === 'observed') {
    context.fillStyle = colours.seen;
    context.fillRect(x, y, width, height);
  } else {
    context.fillStyle = colours.seenSoft;
    context.fillRect(x, y, width, height);
    context.strokeStyle = colours.seen;
    context.lineWidth = source === 'mixed' ? 3.4 : 1.3;
    stripes(context, box);
  }
  context.restore();
}

const STEP_PX = 7;

/** Diagonals at fixed places of the canvas's own plane shifted by `x`, so that they move with what they mark. */
function stripes(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): void {
  context.beginPath();
  for (let offset = -height; offset < width + height; offset += STEP_PX) {
    context.moveTo(x + offset, y + height);
    context.lineTo(x + offset + height, y);
  }
  context.stroke();
}
