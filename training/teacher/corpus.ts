import { cleanText } from '../datasets/clean-text.ts';
import type { Utterance } from '../pools/text-pool.ts';
import { teacherMissing } from './teacher-missing.ts';

const PACKAGE = 'nlp-corpus';
/** Of the package; its sentences are from many places. */
const LICENCE = 'MIT (package)';

export interface CorpusConfig {
  /** How many words a sentence has: at least, at most. */
  readonly words: readonly [number, number];
  /** How often a sentence is drawn beside labelled texts; see `MixEntry`. */
  readonly weight: number;
}

/** English sentences without labels that the text encoder reads beside the teacher. They are no part of a bundle. */
export interface Corpus {
  readonly name: string;
  readonly licence: string;
  readonly sentences: readonly Utterance[];
}

/**
 * The sentences of nlp-corpus (dialogue, reviews of films, messages, lyrics, news) as the npm registry has them, without
 * those that a validation text says too.
 *
 * @param validation texts of the validation splits, as data sets give them: clean
 * @throws UndertoneError `teacher_missing` when the package is not installed
 */
export async function openCorpus(
  { words: [least, most], weight }: CorpusConfig,
  validation: readonly string[],
): Promise<Corpus> {
  const seen = new Set(validation.map(spelling));
  const texts = (await load()).map(cleanText).filter((text) => {
    const words = text.split(' ').length;
    const key = spelling(text);
    if (words < least || words > most || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  const none = { emotions: undefined, emotion: undefined, sentiment: undefined, score: undefined };
  return { name: PACKAGE, licence: LICENCE, sentences: texts.map((text) => ({ text, weight, ...none })) };
}

/** Letters and digits of a clean text alone, so that two ways to write one sentence are told to be one. */
function spelling(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

async function load(): Promise<string[]> {
  try {
    const { all } = await import('nlp-corpus');
    return all();
  } catch (error) {
    throw teacherMissing('the recipe reads sentences that are not installed', [PACKAGE], error);
  }
}
