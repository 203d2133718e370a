import { Tokenizer } from '@huggingface/tokenizers';

import { UndertoneError } from '../errors.ts';

/** Runs a tokenizer of the Hugging Face `tokenizer.json` form. */
export interface TextTokenizer {
  /**
   * Token ids of a text, with the special tokens of the tokenizer around them where it has any.
   *
   * A text of more than `maxTokens` (special tokens included) keeps its end: in captions the newest words matter most.
   * Published models keep the start. An empty text gives the special tokens alone, which may be none.
   */
  encode(text: string, maxTokens?: number, keep?: 'start' | 'end'): Int32Array;
  /** The text of some ids; words are separated as the tokenizer's decoder does it. */
  decode(ids: Iterable<number>): string;
  /** The words that the model cuts into tokens: the text normalised and pre-tokenised, spelled as the vocabulary is. */
  words(text: string): string[];
  /** Id of a token of the vocabulary. */
  idOf(token: string): number | undefined;
  /** The largest id plus 1. */
  readonly vocabSize: number;
  readonly padId: number;
  /** Id for what the vocabulary cannot spell; undefined where there is nothing it cannot. */
  readonly unkId: number | undefined;
}

/** The parts of `tokenizer.json` that are read here; the library reads the others. */
interface TokenizerJson {
  readonly model?: { readonly unk_token?: string | null; readonly unk_id?: number | null };
  readonly padding?: { readonly pad_id?: number } | null;
}

/**
 * What is used of the library's tokenizer. Its own declarations import each other without file endings, so that most of
 * them are `any` here.
 */
interface LibraryTokenizer {
  readonly normalizer: { normalize(text: string): string } | null;
  readonly pre_tokenizer: { pre_tokenize(text: string): string[] } | null;
  encode(text: string, options?: { add_special_tokens: boolean }): { readonly ids: number[] };
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
  token_to_id(token: string): number | undefined;
  get_vocab(): Map<string, number>;
}

/** Pad tokens of published tokenizers that state no padding; CLIP pads with its end token. */
const PAD_TOKENS = ['<pad>', '[PAD]', '<|endoftext|>', '</s>'];

/**
 * Characters per token that are kept before encoding a long text. Tokens of more are nearly always runs of one sign, so
 * the cut is not seen, and a text of any length costs no more than its end.
 */
const CHARACTERS_PER_TOKEN = 32;

/**
 * @param json the parsed `tokenizer.json`
 * @throws UndertoneError `tokenizer_invalid`
 */
export function loadTokenizer(json: unknown): TextTokenizer {
  const tokenizer = build(json);
  const { model, padding } = json as TokenizerJson;
  const idOf = (token: string): number | undefined => tokenizer.token_to_id(token);
  const padId = padding?.pad_id ?? PAD_TOKENS.map(idOf).find((id) => id !== undefined);
  if (padId === undefined) throw invalid('it has neither padding.pad_id nor a known pad token');
  const [before, after] = specialTokens(tokenizer);

  return {
    encode(text, maxTokens, keep = 'end') {
      if (maxTokens === undefined) return Int32Array.from(tokenizer.encode(text).ids);
      const room = Math.max(0, maxTokens - before.length - after.length);
      const part = (keep === 'end' ? endOf : startOf)(text, room * CHARACTERS_PER_TOKEN);
      const { ids } = tokenizer.encode(part, { add_special_tokens: false });
      const first = keep === 'end' ? Math.max(0, ids.length - room) : 0;
      return Int32Array.from([...before, ...ids.slice(first, first + room), ...after]);
    },
    decode(ids) {
      const list = [...ids];
      if (list.length === 0) return '';
      return tokenizer.decode(list, { skip_special_tokens: true, clean_up_tokenization_spaces: false }).trim();
    },
    words(text) {
      const normal = tokenizer.normalizer?.normalize(text) ?? text;
      const words = tokenizer.pre_tokenizer?.pre_tokenize(normal) ?? [normal];
      return words.filter((word) => word !== '');
    },
    idOf,
    vocabSize: [...tokenizer.get_vocab().values()].reduce((most, id) => Math.max(most, id), -1) + 1,
    padId,
    unkId: model?.unk_id ?? (typeof model?.unk_token === 'string' ? idOf(model.unk_token) : undefined),
  };
}

function build(json: unknown): LibraryTokenizer {
  if (typeof json !== 'object' || json === null) throw invalid('it is no JSON object');
  try {
    return new Tokenizer(json, {});
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function invalid(why: string, cause?: unknown): UndertoneError {
  const message = `the tokenizer cannot be read (${why.replaceAll('\n', ' ')}); give a Hugging Face tokenizer.json`;
  return new UndertoneError('tokenizer_invalid', message, { cause });
}

/** Ids that the post-processor puts before and after a text. */
function specialTokens(tokenizer: LibraryTokenizer): [before: number[], after: number[]] {
  const probe = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const { ids } = tokenizer.encode('a');
  const at = ids.findIndex((_, i) => probe.every((id, j) => ids[i + j] === id));
  return [ids.slice(0, Math.max(0, at)), ids.slice(at + probe.length)];
}

/** The last characters of a text from the start of a word on, or all of it. */
function endOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const end = text.slice(text.length - characters);
  const blank = end.search(/\s/);
  return blank === -1 ? end : end.slice(blank);
}

/** The first characters of a text up to the end of a word, or all of it. */
function startOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const start = text.slice(0, characters);
  const blank = start.search(/\s\S*$/);
  return blank <= 0 ? start : start.slice(0, blank);
}
