import { byId } from '../dom.ts';

const QUIET_MS = 6000;

/** Tells a screen reader what changed: the newest text, at most one every six seconds. */
export class Announcer {
  readonly #region = byId('announcer', HTMLElement);
  #waiting: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    if (this.#timer !== undefined) {
      this.#waiting = text;
      return;
    }
    this.#region.textContent = text;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const next = this.#waiting;
      this.#waiting = undefined;
      if (next !== undefined) this.say(next);
    }, QUIET_MS);
  }
}
