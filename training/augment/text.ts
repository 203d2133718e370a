import type { Random } from '../../models/random.ts';
import { misheard as hear } from './misheard.ts';

/** Chances of each change; 0 turns it off. */
export interface TextAugmentConfig {
  /** Chance of lower case throughout, as speech recognisers write. */
  readonly lowerCase: number;
  /** Chance of losing all punctuation except apostrophes within words. */
  readonly stripPunctuation: number;
  /** Chance of losing a part of the start or the end, as interim and late captions do. */
  readonly cut: number;
  /** Largest share of the words that a cut takes. */
  readonly cutShare: number;
  /** Chance per word of being lost. */
  readonly wordDropout: number;
  /** Chance per word of changing places with the next. */
  readonly swap: number;
  /** Chance per word of one wrong letter: dropped, doubled, or swapped with the next. */
  readonly typo: number;
  /** Chance per word of being misheard, where another sounds like it; 0 unless given. */
  readonly misheard?: number;
  /** A cut or dropout leaves at least this many words. */
  readonly minWords: number;
}

export const DEFAULT_TEXT_AUGMENT: TextAugmentConfig = {
  lowerCase: 0.5,
  stripPunctuation: 0.35,
  cut: 0.15,
  cutShare: 0.4,
  wordDropout: 0.04,
  swap: 0.01,
  typo: 0.02,
  minWords: 3,
};

/** A written text as a caption stream would carry it; never empty for a text with words. */
export function augmentText(random: Random, text: string, config: TextAugmentConfig = DEFAULT_TEXT_AUGMENT): string {
  let words = text.split(/\s+/u).filter((word) => word !== '');
  if (random.chance(config.stripPunctuation)) {
    const bare = words.map(withoutPunctuation).filter((word) => word !== '');
    if (bare.length > 0) words = bare;
  }
  if (random.chance(config.cut)) words = cut(random, words, config);
  words = dropWords(random, words, config);
  for (let i = 0; i + 1 < words.length; i++)
    if (random.chance(config.swap)) words.splice(i, 2, words[i + 1] as string, words[i] as string);
  const { misheard = 0 } = config;
  if (misheard > 0) words = words.map((word) => (random.chance(misheard) ? hear(random, word) : word));
  words = words.map((word) => (random.chance(config.typo) ? typo(random, word) : word));
  const out = words.join(' ');
  return random.chance(config.lowerCase) ? out.toLowerCase() : out;
}

/**
 * A written text as a speech recogniser puts it down: in lower case, without punctuation.
 *
 * @param share of the words that sound like others, those that are misheard
 */
export function spokenText(random: Random, text: string, share: number): string {
  return augmentText(random, text, {
    lowerCase: 1,
    stripPunctuation: 1,
    cut: 0,
    cutShare: 0,
    wordDropout: 0,
    swap: 0,
    typo: 0,
    misheard: share,
    minWords: 0,
  });
}

function withoutPunctuation(word: string): string {
  return word
    .replaceAll('’', "'")
    .replace(/\p{P}/gu, (mark) => (mark === "'" ? mark : ''))
    .replace(/^'+|'+$/g, '');
}

function cut(random: Random, words: string[], { cutShare, minWords }: TextAugmentConfig): string[] {
  const most = Math.min(Math.floor(words.length * cutShare), words.length - minWords);
  if (most < 1) return words;
  const count = 1 + random.int(most);
  return random.chance(0.5) ? words.slice(count) : words.slice(0, -count);
}

function dropWords(random: Random, words: string[], { wordDropout, minWords }: TextAugmentConfig): string[] {
  const kept = words.filter(() => !random.chance(wordDropout));
  return kept.length >= Math.min(minWords, words.length) ? kept : words;
}

function typo(random: Random, word: string): string {
  const letters = Array.from(word);
  if (!/^\p{L}{3,}$/u.test(word)) return word;
  const at = random.int(letters.length - 1);
  const [here, next] = [letters[at] as string, letters[at + 1] as string];
  letters.splice(at, 2, ...random.pick([[next], [here, here, next], [next, here]]));
  return letters.join('');
}
