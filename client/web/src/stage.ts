import { byId, setText } from './dom.ts';
import type { ClipAddress } from './sources/clip.ts';
import type { Source, SourceKind } from './sources/source.ts';

export interface StageActions {
  start(kind: SourceKind, files?: Iterable<File>): void;
  stop(): void;
  nextCamera(): void;
}

const PLAY: Readonly<Record<SourceKind, string>> = {
  sample: 'Play the sample',
  camera: 'Start the camera',
  file: 'Choose a video',
};

const BLIND = 'Video is off. No picture is sent.';
const BLIND_CAMERA = 'Video is off. No picture is sent; the camera stays on.';

/** The picture with its buttons, and the choice of a source. */
export class Stage {
  readonly video = byId('video', HTMLVideoElement);
  readonly sample: ClipAddress = {
    kind: 'sample',
    videoUrl: 'sample/sample.mp4',
    captions: async () => ({ text: await (await fetch('sample/sample.vtt')).text() }),
  };
  readonly #actions: StageActions;
  readonly #screen = byId('screen', HTMLElement);
  readonly #blind = byId('blind', HTMLElement);
  readonly #blindText = byId('blind-text', HTMLElement);
  readonly #corner = byId('corner', HTMLElement);
  readonly #play = byId('play', HTMLButtonElement);
  readonly #playLabel = byId('play-label', HTMLElement);
  readonly #sound = byId('sound', HTMLButtonElement);
  readonly #soundIcon = byId('sound-icon', SVGUseElement);
  readonly #next = byId('next-camera', HTMLButtonElement);
  readonly #stop = byId('stop', HTMLButtonElement);
  readonly #file = byId('file', HTMLInputElement);
  readonly #choices = document.querySelectorAll<HTMLButtonElement>('[data-source][aria-pressed]');
  #selected: SourceKind = 'sample';
  #hadFocus = false;

  constructor(actions: StageActions) {
    this.#actions = actions;
    this.#play.addEventListener('click', () => this.#choose(this.#selected));
    this.#stop.addEventListener('click', () => actions.stop());
    this.#next.addEventListener('click', () => actions.nextCamera());
    this.#sound.addEventListener('click', () => this.#setMuted(!this.video.muted));
    for (const choice of this.#choices)
      choice.addEventListener('click', () => this.#choose(choice.dataset['source'] as SourceKind));
    // Its shape is known, or another one: the phone of the camera was turned.
    this.video.addEventListener('resize', () => {
      this.#screen.dataset['upright'] = String(this.video.videoHeight > this.video.videoWidth);
    });
    this.#file.addEventListener('change', () => {
      const files = [...(this.#file.files ?? [])];
      this.#file.value = '';
      if (files.length > 0) actions.start('file', files);
    });
    // A file that is dropped beside the picture would be opened by the browser, in the place of this page.
    addEventListener('dragover', (event) => {
      if (holdsFiles(event)) event.preventDefault();
    });
    addEventListener('drop', (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) actions.start('file', files);
    });
    this.#showSample();
  }

  starting(kind: SourceKind): void {
    this.#select(kind);
    this.#screen.dataset['state'] = 'starting';
    this.#hadFocus = document.activeElement === this.#play;
    this.#play.disabled = true;
    setText(this.#playLabel, kind === 'camera' ? 'Waiting for the camera…' : 'Loading…');
  }

  running({ kind, mirrored, next }: Pick<Source, 'kind' | 'mirrored' | 'next'>): void {
    this.#screen.dataset['state'] = 'running';
    this.mirror(mirrored);
    setText(this.#blindText, kind === 'camera' ? BLIND_CAMERA : BLIND);
    this.#play.hidden = true;
    this.#corner.hidden = false;
    if (this.#hadFocus) this.#stop.focus();
    this.#hadFocus = false;
    this.#next.hidden = next === undefined;
    // The sample has no sound.
    this.#sound.hidden = kind !== 'file';
    this.#setMuted(true);
  }

  stopped(): void {
    const hadFocus = this.#hadFocus || this.#corner.contains(document.activeElement);
    this.#hadFocus = false;
    this.#screen.dataset['state'] = 'idle';
    this.mirror(false);
    this.#play.hidden = false;
    this.#play.disabled = false;
    this.#corner.hidden = true;
    setText(this.#playLabel, PLAY[this.#selected]);
    if (hadFocus) this.#play.focus();
    this.#showSample();
  }

  mirror(mirrored: boolean): void {
    this.#screen.dataset['mirrored'] = String(mirrored);
  }

  setVideoOn(on: boolean): void {
    this.#blind.hidden = on;
  }

  #choose(kind: SourceKind): void {
    if (kind === 'file') this.#file.click();
    else this.#actions.start(kind);
  }

  #select(kind: SourceKind): void {
    this.#selected = kind;
    for (const choice of this.#choices) choice.setAttribute('aria-pressed', String(choice.dataset['source'] === kind));
  }

  #setMuted(muted: boolean): void {
    this.video.muted = muted;
    this.#sound.setAttribute('aria-pressed', String(!muted));
    this.#soundIcon.setAttribute('href', muted ? '#i-muted' : '#i-sound');
  }

  /** The sample's first picture, ready behind the play button. */
  #showSample(): void {
    if (this.video.srcObject === null) this.video.src = this.sample.videoUrl;
  }
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}
