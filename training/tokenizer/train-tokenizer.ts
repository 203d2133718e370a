import { loadTokenizer } from '../../models/encoders/tokenizer.ts';
import { UndertoneError } from '../../models/errors.ts';
import { learnMerges } from './learn-merges.ts';
import { ALPHABET, SPECIAL_TOKENS, tokenizerJson, WORD_END } from './tokenizer-json.ts';

export interface TokenizerOptions {
  /** Tokens in all, at least the alphabet's 514; default 8192. */
  readonly vocabSize?: number;
  /** Pairs seen less often are not merged; default 2. */
  readonly minCount?: number;
}

/**
 * Trains a byte-level BPE tokenizer on texts and gives it in Hugging Face's `tokenizer.json` form.
 *
 * The same texts give the same tokenizer, in whatever order they come. Normalisation and the cutting into words are
 * those of the library that will run it.
 * @throws UndertoneError `tokenizer_size`
 */
export function trainTokenizer(texts: Iterable<string>, options: TokenizerOptions = {}): object {
  const { vocabSize = 8192, minCount = 2 } = options;
  const least = ALPHABET.length + SPECIAL_TOKENS.length;
  if (!Number.isInteger(vocabSize) || vocabSize < least) {
    throw new UndertoneError('tokenizer_size', `a vocabulary of ${vocabSize} is too small; give at least ${least}`);
  }
  const blank = loadTokenizer(tokenizerJson({ tokens: ALPHABET, merges: [] }));
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of blank.words(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) => [spelled(word), count] as const);
  return tokenizerJson(learnMerges(words, ALPHABET, vocabSize - SPECIAL_TOKENS.length, minCount));
}

/** A word as tokens of the alphabet, the last with the mark of the word's end. */
function spelled(word: string): string[] {
  const tokens = Array.from(word);
  const last = tokens.length - 1;
  return tokens.map((token, index) => (index === last ? token + WORD_END : token));
}
