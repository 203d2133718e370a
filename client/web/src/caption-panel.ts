import { canListen, Listener } from './captions/listener.ts';
import { Typist } from './captions/typist.ts';
import { byId, setText } from './dom.ts';
import { Transcript } from './view/transcript.ts';
import type { Say, Words } from './captions/words.ts';

const HINTS = {
  idle: 'Captions come from the clip, from your typing or from your speech.',
  ready: 'Words count as you type; Enter makes them final.',
  listening: 'Listening. Your browser may send the audio to its vendor for recognition; Undertone never hears it.',
  cannotListen: 'Words count as you type; Enter makes them final. This browser does not recognise speech.',
  full: 'The box is full: words after these are left out. Enter makes these final.',
  off: 'Captions are off. No words are sent.',
  unread: 'The model reads no captions. No words are sent.',
};

/** The box to type in, the microphone where the browser recognises speech, and the latest captions. */
export class CaptionPanel {
  readonly #form = byId('say', HTMLFormElement);
  readonly #words = byId('words', HTMLInputElement);
  readonly #send = byId('send', HTMLButtonElement);
  readonly #listen = byId('listen', HTMLButtonElement);
  readonly #hint = byId('say-hint', HTMLElement);
  readonly #transcript = new Transcript();
  readonly #typist: Typist;
  readonly #listener: Listener;
  #running = false;
  #on = true;
  /** The model has captions among its streams. */
  #read = true;
  #full = false;

  constructor({ nowMs, say }: { readonly nowMs: () => number; readonly say: Say }) {
    this.#typist = new Typist(nowMs, say);
    this.#listener = new Listener(nowMs, say, (problem) => {
      this.#update();
      setText(this.#hint, problem);
    });
    this.#words.addEventListener('input', () => {
      this.#typist.type(this.#words.value);
      if (this.#isFull() !== this.#full) this.#update();
    });
    this.#words.addEventListener('blur', () => {
      if (this.#words.readOnly) this.#update();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#typist.enter(this.#words.value);
      this.#words.value = '';
      if (this.#full) this.#update();
    });
    this.#listen.addEventListener('click', () => {
      if (this.#listener.listening) this.#listener.stop();
      else this.#listener.start();
      this.#update();
    });
    this.#update();
  }

  /** A session takes captions from now on. */
  start(): void {
    this.#running = true;
    this.#read = true;
    this.#transcript.clear();
    this.#update();
  }

  /** With `keepsWords`, what stands in the box does so still, unsent, and the keyboard keeps its place there. */
  stop(keepsWords = false): void {
    const hadFocus = this.#form.contains(document.activeElement);
    this.#running = false;
    this.#quiet();
    if (!keepsWords) this.#words.value = '';
    this.#words.readOnly = true;
    if (keepsWords && hadFocus) this.#words.focus();
    this.#update();
  }

  setOn(on: boolean): void {
    this.#on = on;
    if (!on) {
      this.#quiet();
      this.#words.value = '';
    }
    this.#update();
  }

  /** @param read whether the model of the session reads captions */
  setRead(read: boolean): void {
    if (read === this.#read) return;
    this.#read = read;
    if (!read) this.#quiet();
    this.#update();
  }

  show(words: Words): void {
    this.#transcript.show(words);
  }

  /** Browsers leave out without a word what is typed or pasted beyond the length of a box. */
  #isFull(): boolean {
    return this.#words.value.length >= this.#words.maxLength;
  }

  #quiet(): void {
    this.#typist.stop();
    this.#listener.stop();
    this.#transcript.hush();
  }

  #update(): void {
    const usable = this.#running && this.#on && this.#read;
    this.#full = this.#isFull();
    const { listening } = this.#listener;
    this.#words.readOnly = !usable;
    // While it has the focus, which would be lost, and the next keys with it.
    this.#words.disabled = !usable && document.activeElement !== this.#words;
    this.#send.disabled = !usable;
    this.#listen.disabled = !usable;
    this.#listen.hidden = !canListen();
    this.#listen.setAttribute('aria-pressed', String(listening));
    setText(this.#hint, HINTS[this.#state()]);
  }

  #state(): keyof typeof HINTS {
    if (!this.#running) return 'idle';
    if (!this.#read) return 'unread';
    if (!this.#on) return 'off';
    if (this.#full) return 'full';
    if (this.#listener.listening) return 'listening';
    return canListen() ? 'ready' : 'cannotListen';
  }
}
