import { make, setText } from '../dom.ts';
import { surface } from './canvas.ts';
import { fillSource } from './hatch.ts';
import { modalityWords } from './modality-words.ts';
import { provenanceChip } from './provenance-text.ts';
import { theme } from './theme.ts';
import { toX } from './time-scale.ts';
import type { Provenance } from '../../../sdk/index.ts';
import type { Surface } from './canvas.ts';
import type { History } from './history.ts';
import type { TimeScale } from './time-scale.ts';

/** One stream: its switch, what it was made from lately, and in a word what it is made from now. */
export class StreamRow {
  readonly element: HTMLElement;
  readonly #name: string;
  readonly #switch: HTMLButtonElement;
  readonly #chip = make('span', { class: 'chip' });
  readonly #surface: Surface;

  constructor(name: string, onSwitch: (on: boolean) => void) {
    this.#name = name;
    const { title } = modalityWords(name);
    this.#switch = make('button', { class: 'switch' }, make('i'), make('span', { text: title }));
    this.#switch.type = 'button';
    this.#switch.setAttribute('role', 'switch');
    this.#switch.setAttribute('aria-checked', 'true');
    this.#switch.addEventListener('click', () => onSwitch(!this.on));
    const canvas = make('canvas', { class: 'strip' });
    canvas.setAttribute('aria-hidden', 'true');
    this.#surface = surface(canvas);
    this.element = make(
      'div',
      { class: 'stream', data: { modality: name, source: 'idle' } },
      make('div', { class: 'stream-head' }, this.#switch, this.#chip),
      canvas,
    );
  }

  get on(): boolean {
    return this.#switch.getAttribute('aria-checked') === 'true';
  }

  setOn(on: boolean): void {
    this.#switch.setAttribute('aria-checked', String(on));
  }

  /** Undefined before the first reading. */
  show(part: Provenance | undefined): void {
    this.element.dataset['source'] = part?.source ?? 'idle';
    setText(this.#chip, part ? provenanceChip(part, !this.on) : '');
  }

  draw(history: History, scale: TimeScale): void {
    const area = this.#surface.begin();
    if (!area) return;
    const { context, width, height } = area;
    const colours = theme();
    for (const { startMs, endMs, source } of history.spans(this.#name)) {
      const x = toX(scale, startMs, width);
      fillSource(context, colours, source, { x, y: 0, width: toX(scale, endMs, width) - x, height });
    }
    context.font = colours.font;
    context.textBaseline = 'middle';
    for (const { modality, ptsMs, cosine } of history.reunions) {
      if (modality !== this.#name) continue;
      drawReunion(context, toX(scale, ptsMs, width), height, cosine, width);
    }
  }

  close(): void {
    this.#surface.close();
  }
}

/** A lozenge at the moment of the return, with how well the synthesis had matched. */
function drawReunion(
  context: CanvasRenderingContext2D,
  x: number,
  height: number,
  cosine: number,
  width: number,
): void {
  const colours = theme();
  const label = cosine.toFixed(2).replace('-', '−');
  const labelWidth = context.measureText(label).width + 8;
  const onLeft = x + (10 + labelWidth) * colours.scale > width;
  const boxX = onLeft ? -9 - labelWidth : 9;
  context.save();
  context.translate(x, height / 2);
  context.scale(colours.scale, colours.scale);
  context.fillStyle = colours.card;
  context.beginPath();
  context.roundRect(boxX, -8, labelWidth, 16, 4);
  context.fill();
  context.fillStyle = colours.reunion;
  context.fillText(label, boxX + 4, 0.5);
  context.strokeStyle = colours.card;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(0, -8);
  context.lineTo(7, 0);
  context.lineTo(0, 8);
  context.lineTo(-7, 0);
  context.closePath();
  context.stroke();
  context.fill();
  context.restore();
}
