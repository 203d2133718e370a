import { surface } from './canvas.ts';
import { spreadOf } from './spread.ts';
import { theme } from './theme.ts';
import { toX } from './time-scale.ts';
import type { Surface } from './canvas.ts';
import type { History, Point } from './history.ts';
import type { TimeScale } from './time-scale.ts';
import type { Theme } from './theme.ts';

const MAX_SCORE = 3;
const PAD_PX = 10;

interface Plot {
  readonly context: CanvasRenderingContext2D;
  readonly colours: Theme;
  readonly width: number;
  readonly height: number;
  readonly x: (ptsMs: number) => number;
  readonly y: (score: number) => number;
}

/** Draws the score over time: coloured by its height, dashed where something was synthesised, broken where there was nothing. */
export class Curve {
  readonly #surface: Surface;

  constructor(canvas: HTMLCanvasElement) {
    this.#surface = surface(canvas);
  }

  draw(history: History, scale: TimeScale, inspected: Point | undefined): void {
    const area = this.#surface.begin();
    if (!area) return;
    const { context, width, height } = area;
    const plot: Plot = {
      context,
      width,
      height,
      colours: theme(),
      x: (ptsMs) => toX(scale, ptsMs, width),
      y: (score) => PAD_PX + ((MAX_SCORE - score) / (2 * MAX_SCORE)) * (height - 2 * PAD_PX),
    };
    drawGrid(plot);
    const ink = verticalGradient(plot);
    for (const { ptsMs } of history.reunions) drawReunion(plot, ptsMs);
    for (const run of history.runs()) {
      drawSpread(plot, ink, run);
      drawRun(plot, ink, run);
    }
    const { last } = history;
    if (last?.score !== null && last !== undefined) drawDot(plot, ink, last, 4.5);
    if (inspected?.score !== null && inspected !== undefined) drawDot(plot, ink, inspected, 6);
  }
}

function drawGrid({ context, colours, width, y }: Plot): void {
  context.strokeStyle = colours.line;
  for (const score of [-3, -1.5, 0, 1.5, 3]) {
    context.lineWidth = score === 0 ? 1.5 : 1;
    context.setLineDash(score === 0 ? [] : [2, 5]);
    context.beginPath();
    context.moveTo(0, y(score));
    context.lineTo(width, y(score));
    context.stroke();
  }
  context.setLineDash([]);
}

function verticalGradient({ context, colours, y }: Plot): CanvasGradient {
  const gradient = context.createLinearGradient(0, y(1.8), 0, y(-1.8));
  gradient.addColorStop(0, colours.positive);
  gradient.addColorStop(0.5, colours.neutral);
  gradient.addColorStop(1, colours.negative);
  return gradient;
}

/** A band as wide as the reading is unsure. */
function drawSpread({ context, x, y }: Plot, ink: CanvasGradient, run: readonly Point[]): void {
  const edge = ({ score, confidence }: Point, side: 1 | -1): number =>
    y(Math.max(-MAX_SCORE, Math.min(MAX_SCORE, (score ?? 0) + side * spreadOf(confidence))));
  context.beginPath();
  for (const point of run) context.lineTo(x(point.ptsMs), edge(point, 1));
  for (const point of run.toReversed()) context.lineTo(x(point.ptsMs), edge(point, -1));
  context.closePath();
  context.globalAlpha = 0.14;
  context.fillStyle = ink;
  context.fill();
  context.globalAlpha = 1;
}

function drawRun({ context, x, y }: Plot, ink: CanvasGradient, run: readonly Point[]): void {
  context.strokeStyle = ink;
  context.lineWidth = 2.5;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  for (let i = 1; i < run.length; i++) {
    const [from, to] = [run[i - 1], run[i]];
    if (!from || !to) continue;
    const dashed = to.state === 'degraded';
    const begins = i === 1 || dashed !== (from.state === 'degraded');
    if (begins) {
      if (i > 1) context.stroke();
      context.setLineDash(dashed ? [1, 5] : []);
      context.beginPath();
      context.moveTo(x(from.ptsMs), y(from.score ?? 0));
    }
    context.lineTo(x(to.ptsMs), y(to.score ?? 0));
  }
  if (run.length > 1) context.stroke();
  context.setLineDash([]);
}

function drawDot({ context, colours, x, y }: Plot, ink: CanvasGradient, point: Point, radius: number): void {
  context.beginPath();
  context.arc(x(point.ptsMs), y(point.score ?? 0), radius, 0, 2 * Math.PI);
  context.fillStyle = ink;
  context.strokeStyle = colours.card;
  context.lineWidth = 2;
  context.fill();
  context.stroke();
}

function drawReunion({ context, colours, height, x }: Plot, ptsMs: number): void {
  context.strokeStyle = colours.reunion;
  context.lineWidth = 1;
  context.setLineDash([3, 4]);
  context.beginPath();
  context.moveTo(x(ptsMs), 0);
  context.lineTo(x(ptsMs), height);
  context.stroke();
  context.setLineDash([]);
}
