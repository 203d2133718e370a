import { BYTE_ALPHABET } from './byte-alphabet.ts';
import type { Merges } from './learn-merges.ts';

/** Marks the last token of a word, as in CLIP's tokenizer. */
export const WORD_END = '</w>';

const PAD = '<pad>';
const UNK = '<unk>';

/** Ids before those of the alphabet. */
export const SPECIAL_TOKENS = [PAD, UNK] as const;

/** Tokens from which every text can be spelled: each byte within a word, and each at its end. */
export const ALPHABET: readonly string[] = [...BYTE_ALPHABET, ...BYTE_ALPHABET.map((byte) => byte + WORD_END)];

/**
 * Words: letters with a following 't (`don't`), other contractions (`'re`), numbers, runs of other signs, and the
 * placeholder of user names. White space separates and is dropped.
 */
const WORD = String.raw`@user|\p{L}+(?:'t(?!\p{L}))?|'(?:s|re|ve|m|ll|d)(?!\p{L})|\p{N}+|[^\s\p{L}\p{N}]+`;

const replace = (regex: string, content: string): object => ({ type: 'Replace', pattern: { Regex: regex }, content });

/**
 * Straight quotes, compatibility forms and accents resolved, lower case; every URL becomes `http` and every user name
 * `@user`, the placeholders of TweetEval (Barbieri et al., Findings of EMNLP 2020).
 */
const NORMALIZER = {
  type: 'Sequence',
  normalizers: [
    replace('[\u2018\u2019\u201a\u201b\u2032\u00b4`]', "'"),
    replace('[\u201c\u201d\u201e\u201f\u2033]', '"'),
    { type: 'NFKD' },
    { type: 'StripAccents' },
    { type: 'Lowercase' },
    { type: 'NFC' },
    replace(String.raw`https?://\S+|www\.\S+`, 'http'),
    replace(String.raw`(?<!\w)@\w+`, '@user'),
  ],
};

/**
 * A byte-level BPE tokenizer in Hugging Face's `tokenizer.json` form, version 1.0.
 *
 * `<pad>` and `<unk>` are in the vocabulary without being added tokens, so a caption that contains their spelling is
 * cut like any other text. `<unk>` is never produced: the alphabet spells every byte.
 */
export function tokenizerJson(learned: Merges): object {
  const tokens = [...SPECIAL_TOKENS, ...learned.tokens];
  return {
    version: '1.0',
    truncation: null,
    padding: {
      strategy: 'BatchLongest',
      direction: 'Right',
      pad_to_multiple_of: null,
      pad_id: tokens.indexOf(PAD),
      pad_type_id: 0,
      pad_token: PAD,
    },
    added_tokens: [],
    normalizer: NORMALIZER,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORD }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: UNK,
      continuing_subword_prefix: '',
      end_of_word_suffix: WORD_END,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: learned.merges.map(([left, right]) => `${left} ${right}`),
    },
  };
}
