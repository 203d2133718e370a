import { byId, setText } from '../dom.ts';
import { labelText } from './label-text.ts';
import { signed } from './provenance-text.ts';
import { spreadOf } from './spread.ts';
import type { Result } from '../../../sdk/index.ts';

const CENTRE = { x: 160, y: 166 };
const RADIUS = 130;
const MAX_SCORE = 3;
const ALL_OFF = 'No stream is left. Turn one on to go on.';

/** The score on a half circle, with a band for how unsure it is; words alone when there is nothing to read. */
export class Gauge {
  readonly #root = byId('gauge', HTMLElement);
  readonly #hand = byId('gauge-hand', SVGGElement);
  readonly #spread = byId('gauge-spread', SVGPathElement);
  readonly #score = byId('score', HTMLElement);
  readonly #label = byId('label', HTMLElement);
  readonly #sure = byId('sure', HTMLElement);

  constructor() {
    const ticks = byId('gauge-ticks', SVGGElement);
    for (let score = -MAX_SCORE; score <= MAX_SCORE; score++) ticks.append(tick(score));
  }

  /** @param allOff whether every stream is switched off */
  show(
    { state, score, label, confidence }: Pick<Result, 'state' | 'score' | 'label' | 'confidence'>,
    allOff: boolean,
  ): void {
    if (score === null) {
      const hint = allOff ? ALL_OFF : 'No stream has anything to read now.';
      return this.#showWords(state, 'Nothing to read', hint);
    }
    const spread = spreadOf(confidence);
    const text = labelText({ score, label, confidence });
    this.#set(state, `${signed(score)} of 3, ${text.label}, ${text.sure}`);
    this.#root.dataset['score'] = score.toFixed(3);
    this.#root.dataset['label'] = text.label;
    this.#hand.style.transform = `rotate(${((score / MAX_SCORE) * 90).toFixed(2)}deg)`;
    this.#spread.setAttribute('d', arc(-spread, spread));
    setText(this.#score, signed(score));
    setText(this.#label, text.label);
    setText(this.#sure, text.sure);
  }

  /** Before the first reading of a session. @param allOff whether every stream is switched off */
  wait(allOff: boolean): void {
    if (allOff) this.rest('Nothing to read', ALL_OFF);
    else this.rest('Listening in', 'Readings begin with the first picture or words.');
  }

  /** Between runs, and while there is no reading. */
  rest(label: string, hint: string): void {
    this.#showWords('idle', label, hint);
  }

  #showWords(state: string, label: string, hint: string): void {
    this.#set(state, `${label}. ${hint}`);
    delete this.#root.dataset['score'];
    delete this.#root.dataset['label'];
    setText(this.#score, '');
    setText(this.#label, label);
    setText(this.#sure, hint);
  }

  #set(state: string, spoken: string): void {
    this.#root.dataset['state'] = state;
    this.#root.setAttribute('aria-label', spoken);
  }
}

function point(score: number, radius: number): string {
  const angle = Math.PI * (0.5 - score / MAX_SCORE / 2);
  return `${(CENTRE.x + radius * Math.cos(angle)).toFixed(2)} ${(CENTRE.y - radius * Math.sin(angle)).toFixed(2)}`;
}

function arc(from: number, to: number): string {
  return `M ${point(from, RADIUS)} A ${RADIUS} ${RADIUS} 0 0 1 ${point(to, RADIUS)}`;
}

function tick(score: number): SVGTextElement {
  const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
  const [x, y] = point(score, RADIUS - 25).split(' ');
  text.setAttribute('x', x ?? '');
  text.setAttribute('y', y ?? '');
  text.textContent = score > 0 ? `+${score}` : `${score}`.replace('-', '−');
  return text;
}
