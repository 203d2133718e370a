import { byId, setText } from '../dom.ts';
import { Curve } from './curve.ts';
import { History } from './history.ts';
import { labelText } from './label-text.ts';
import { modalityWords } from './modality-words.ts';
import { ago, signed } from './provenance-text.ts';
import { StreamRow } from './stream-row.ts';
import { calm } from './theme.ts';
import { toMs } from './time-scale.ts';
import type { Result } from '../../../sdk/index.ts';
import type { Point } from './history.ts';
import type { TimeScale } from './time-scale.ts';

const SPAN_MS = 60_000;
const DRAW_EVERY_MS = 45;
/** Also where time stands still, as before a run and after it. */
const DRAW_CALMLY_EVERY_MS = 500;

/** The last minute: the curve, one row per stream, and a reading of any moment under the pointer or the arrow keys. */
export class Timeline {
  readonly history = new History(SPAN_MS);
  readonly #onSwitch: (modality: string, on: boolean) => void;
  readonly #canvas = byId('curve', HTMLCanvasElement);
  readonly #strips = byId('strips', HTMLElement);
  readonly #inspect = byId('inspect', HTMLElement);
  readonly #curve = new Curve(this.#canvas);
  readonly #rows = new Map<string, StreamRow>();
  #nowMs: () => number = () => 0;
  #inspectedMs: number | null = null;
  #next: ReturnType<typeof setTimeout> | undefined;
  /** As last drawn. No media time is below 0, so the second drawing follows soon: at the first the canvases have no size. */
  #scale: TimeScale = { nowMs: -1, spanMs: SPAN_MS };

  constructor(onSwitch: (modality: string, on: boolean) => void) {
    this.#onSwitch = onSwitch;
    for (const over of ['pointermove', 'click'] as const)
      this.#canvas.addEventListener(over, (event) => this.#inspectAt(event.offsetX));
    // A finger leaves as it is lifted, and the moment that it chose stays, unless it went on to scroll the page.
    this.#canvas.addEventListener('pointerleave', ({ pointerType }) => {
      if (pointerType !== 'touch') this.#stopInspecting();
    });
    this.#canvas.addEventListener('pointercancel', () => this.#stopInspecting());
    this.#canvas.addEventListener('blur', () => this.#stopInspecting());
    this.#canvas.addEventListener('keydown', (event) => this.#onKey(event));
    this.#tellPoint(undefined);
    this.#draw();
  }

  /** One row per modality, in the bundle's order. */
  setModalities(names: readonly string[]): void {
    if (names.join() === [...this.#rows.keys()].join()) return;
    for (const row of this.#rows.values()) row.close();
    this.#rows.clear();
    for (const name of names) this.#rows.set(name, new StreamRow(name, (on) => this.#onSwitch(name, on)));
    this.#strips.replaceChildren(...[...this.#rows.values()].map((row) => row.element));
  }

  /** `nowMs` is the media time of the right edge. */
  follow(nowMs: () => number): void {
    this.#nowMs = nowMs;
  }

  setOn(modality: string, on: boolean): void {
    this.#rows.get(modality)?.setOn(on);
  }

  show(modalities: Result['modalities']): void {
    for (const [name, row] of this.#rows) row.show(modalities[name]);
  }

  rest(): void {
    for (const row of this.#rows.values()) row.show(undefined);
  }

  /** Draws, and again after a while; a tab that is hidden waits. */
  #draw(): void {
    const nowMs = this.#nowMs();
    const everyMs = calm.matches || nowMs === this.#scale.nowMs ? DRAW_CALMLY_EVERY_MS : DRAW_EVERY_MS;
    clearTimeout(this.#next);
    this.#next = setTimeout(() => requestAnimationFrame(() => this.#draw()), everyMs);
    this.#scale = { nowMs, spanMs: SPAN_MS };
    const inspected = this.#inspected();
    this.#curve.draw(this.history, this.#scale, inspected);
    for (const row of this.#rows.values()) row.draw(this.history, this.#scale);
    setText(this.#inspect, inspected ? describe(inspected, this.#scale.nowMs) : '');
  }

  #inspected(): Point | undefined {
    return this.#inspectedMs === null ? undefined : this.history.nearest(this.#inspectedMs, 1000);
  }

  #inspectAt(x: number): void {
    this.#inspectedMs = toMs(this.#scale, x, this.#canvas.clientWidth);
    requestAnimationFrame(() => this.#draw());
  }

  #stopInspecting(): void {
    this.#inspectedMs = null;
    requestAnimationFrame(() => this.#draw());
    this.#tellPoint(undefined);
  }

  #onKey(event: KeyboardEvent): void {
    const { points } = this.history;
    const inspected = this.#inspected();
    const at = inspected ? points.indexOf(inspected) : points.length;
    const next = NEXT[event.key]?.(at, points.length);
    if (next === undefined || points.length === 0) return;
    event.preventDefault();
    const point = points[Math.max(0, Math.min(points.length - 1, next))];
    this.#inspectedMs = point?.ptsMs ?? null;
    requestAnimationFrame(() => this.#draw());
    this.#tellPoint(point);
  }

  /** Once for each key: a value that moved with the time would never stop being read out. */
  #tellPoint(point: Point | undefined): void {
    const { nowMs } = this.#scale;
    const value = point ? Math.max(-SPAN_MS, Math.min(0, point.ptsMs - nowMs)) / 1000 : 0;
    this.#canvas.setAttribute('aria-valuenow', value.toFixed(1));
    this.#canvas.setAttribute('aria-valuetext', point ? describe(point, nowMs) : 'No moment chosen');
  }
}

/** What a key makes of the place of a point among all, as for any slider. */
const NEXT: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  PageDown: (at) => at - 10,
  PageUp: (at) => at + 10,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function describe(point: Point, nowMs: number): string {
  const sources = Object.entries(point.sources).map(
    ([name, source]) => `${modalityWords(name).title} ${NAMES[source]}`,
  );
  const { label, sure } = labelText(point);
  const score = point.score === null ? 'nothing to read' : `${signed(point.score)} ${label}, ${sure}`;
  return `${ago(nowMs - point.ptsMs)}: ${score} · ${sources.join(', ')}`;
}

const NAMES = { observed: 'observed', mixed: 'observed in part', virtual: 'synthesised', absent: 'missing' };
