import { webSpeechCaptions } from '../../../sdk/index.ts';
import type { CaptionInput, WebSpeechCaptions } from '../../../sdk/index.ts';
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
  // Chrome lets one page listen at a time: to start again at once would end the other one's, which does the same.
  aborted: 'The browser ended listening, as it does when another page begins to. Start again here, or type.',
  network: 'The browser’s speech service cannot be reached. Type instead.',
  'language-not-supported': 'The browser’s speech service does not know this language. Type instead.',
};

/** What no address bar can allow. */
const NOT_SECURE = 'Speech is heard only over https or on localhost. Type instead.';

const RESTART_MS = 400;

/** Turns speech into captions with the browser's recognition, restarting it when the browser ends it in a pause. */
export class Listener {
  readonly #nowMs: () => number;
  readonly #say: Say;
  readonly #onProblem: (text: string) => void;
  #run: { readonly recognition: Recognition; readonly heard: WebSpeechCaptions } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(nowMs: () => number, say: Say, onProblem: (text: string) => void) {
    this.#nowMs = nowMs;
    this.#say = say;
    this.#onProblem = onProblem;
  }

  get listening(): boolean {
    return this.#run !== undefined;
  }

  start(): void {
    const Constructor = recognitionConstructor();
    if (!Constructor || this.#run) return;
    const recognition = new Constructor();
    recognition.lang = navigator.language;
    recognition.continuous = true;
    recognition.interimResults = true;
    const run = { recognition, heard: webSpeechCaptions({ nowMs: this.#nowMs, language: navigator.language }) };
    this.#run = run;
    recognition.addEventListener('result', (event) => {
      if (this.#run === run) this.#tell(run.heard.result(event));
    });
    recognition.addEventListener('error', ({ error }) => {
      const text = error === 'not-allowed' && !isSecureContext ? NOT_SECURE : PROBLEMS[error];
      if (text === undefined || this.#run !== run) return;
      this.stop();
      this.#onProblem(text);
    });
    recognition.addEventListener('end', () => {
      if (this.#run !== run) return;
      this.#tell(run.heard.end());
      this.#timer = setTimeout(() => recognition.start(), RESTART_MS);
    });
    recognition.start();
  }

  /** What was heard so far is final, and nothing comes after it: media time may begin anew. Idempotent. */
  stop(): void {
    clearTimeout(this.#timer);
    const run = this.#run;
    this.#run = undefined;
    if (!run) return;
    run.recognition.abort();
    this.#tell(run.heard.end());
  }

  #tell(captions: readonly CaptionInput[]): void {
    for (const caption of captions) this.#say({ origin: 'heard', ...caption });
  }
}
