import { byId, setText } from '../dom.ts';

const SHOWN_MS = 12_000;

/** One line for what went wrong: gone after a while, or with the next action where it says why nothing runs. */
export class Notice {
  readonly #root = byId('notice', HTMLElement);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string): void {
    this.showUntilHidden(text);
    this.#timer = setTimeout(() => this.hide(), SHOWN_MS);
  }

  showUntilHidden(text: string): void {
    clearTimeout(this.#timer);
    setText(this.#root, text);
    this.#root.hidden = false;
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#root.hidden = true;
  }
}
