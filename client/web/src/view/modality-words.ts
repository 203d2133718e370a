/** How a modality is called in sentences. */
export interface ModalityWords {
  readonly title: string;
  /** After `from`: `from the captions`. */
  readonly the: string;
  readonly plural: boolean;
  readonly icon: string;
}

const WORDS: Readonly<Record<string, ModalityWords>> = {
  video: { title: 'Video', the: 'the video', plural: false, icon: 'i-camera' },
  text: { title: 'Captions', the: 'the captions', plural: true, icon: 'i-text' },
};

/** Words for any modality that a bundle may name. */
export function modalityWords(name: string): ModalityWords {
  const spaced = name.replaceAll('_', ' ');
  const title = spaced.charAt(0).toUpperCase() + spaced.slice(1);
  return WORDS[name] ?? { title, the: `the ${spaced}`, plural: false, icon: 'i-film' };
}
