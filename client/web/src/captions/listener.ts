import { webSpeechCaptions } from '../../../sdk/index.ts';
import type { CaptionInput } from '../../../sdk/index.ts';
import type { Say } from './words.ts';

/** What this page uses of the Web Speech API. */
interface Recognition {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  addEventListener(type: 'result', listener: (event: unknown) => void): void;
  addEventListener(type: 'error', listener: (event: { readonly error: string }) => void): void;
  addEventListener(type: 'end', listener: () => void): void;
  start(): void;
  abort(): void;
}

type RecognitionConstructor = new () => Recognition;

function recognitionConstructor(): RecognitionConstructor | undefined {
  const scope = globalThis as {
    SpeechRecognition?: RecognitionConstructor;
    webkitSpeechRecognition?: RecognitionConstructor;
  };
  return scope.SpeechRecognition ?? scope.webkitSpeechRecognition;
}

/** Whether this browser recognises speech at all. */
export function canListen(): boolean {
  return recognitionConstructor() !== undefined;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  'not-allowed': 'The microphone was refused. Allow it in the address bar, or type instead.',
  'service-not-allowed': 'This browser does not allow speech recognition here. Type instead.',
  'audio-capture': 'No microphone was found. Type instead.',
  network: 'The browser’s speech service cannot be reached. Type instead.',
  'language-not-supported': 'The browser’s speech service does not know this language. Type instead.',
};

const RESTART_MS = 400;

/** Turns speech into captions with the browser's recognition, restarting it when the browser ends it in a pause. */
export class Listener {
  readonly #nowMs: () => number;
  readonly #say: Say;
  readonly #onProblem: (text: string) => void;
  #recognition: Recognition | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(nowMs: () => number, say: Say, onProblem: (text: string) => void) {
    this.#nowMs = nowMs;
    this.#say = say;
    this.#onProblem = onProblem;
  }

  get listening(): boolean {
    return this.#recognition !== undefined;
  }

  start(): void {
    const Constructor = recognitionConstructor();
    if (!Constructor || this.#recognition) return;
    const recognition = new Constructor();
    this.#recognition = recognition;
    recognition.lang = navigator.language;
    recognition.continuous = true;
    recognition.interimResults = true;
    const heard = webSpeechCaptions({ nowMs: this.#nowMs, language: navigator.language });
    const say = (captions: readonly CaptionInput[]): void => {
      for (const caption of captions) this.#say({ origin: 'heard', ...caption });
    };
    recognition.addEventListener('result', (event) => say(heard.result(event)));
    recognition.addEventListener('error', ({ error }) => {
      const text = PROBLEMS[error];
      if (text === undefined || this.#recognition !== recognition) return;
      this.stop();
      this.#onProblem(text);
    });
    recognition.addEventListener('end', () => {
      say(heard.end());
      if (this.#recognition === recognition) this.#timer = setTimeout(() => recognition.start(), RESTART_MS);
    });
    recognition.start();
  }

  /** Idempotent. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#recognition?.abort();
    this.#recognition = undefined;
  }
}
