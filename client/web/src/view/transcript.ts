import { byId, make, setText } from '../dom.ts';
import type { Origin, Words } from '../captions/words.ts';

const KEPT = 4;
const ORIGINS: Readonly<Record<Origin, string>> = { clip: 'clip', typed: 'typed', heard: 'heard' };
const SUBTITLE_MS = 3500;

/** The newest captions, and the one that is on as a subtitle. */
export class Transcript {
  readonly #list = byId('transcript', HTMLOListElement);
  readonly #subtitle = byId('subtitle', HTMLElement);
  #lines: { readonly id: string; readonly item: HTMLLIElement; readonly text: HTMLElement }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(words: Words): void {
    const line = this.#lines.find(({ id }) => id === words.segmentId) ?? this.#add(words);
    setText(line.text, words.text);
    line.item.classList.toggle('interim', !words.isFinal);
    line.item.hidden = words.text === '';
    setText(this.#subtitle, words.text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hush(), SUBTITLE_MS);
  }

  clear(): void {
    this.#lines = [];
    this.#list.replaceChildren();
    this.hush();
  }

  /** Nothing is said any more; what was said stays in the list. */
  hush(): void {
    clearTimeout(this.#timer);
    setText(this.#subtitle, '');
  }

  #add(words: Words) {
    const text = make('span');
    text.dir = 'auto';
    const item = make('li', {}, make('small', { text: ORIGINS[words.origin] }), text);
    const line = { id: words.segmentId, item, text };
    this.#lines.push(line);
    this.#list.append(item);
    while (this.#lines.length > KEPT) this.#lines.shift()?.item.remove();
    return line;
  }
}
