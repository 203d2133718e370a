import { describe, expect, it } from 'vitest';

import { loadTokenizer } from '../../../models/encoders/tokenizer.ts';

/** A word-level tokenizer that puts its special tokens around a text, as BERT's and CLIP's do. */
const words = {
  version: '1.0',
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({ id, content, special: true })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, a: 4, b: 5, c: 6 },
  },
};

describe('loadTokenizer', () => {
  const tokenizer = loadTokenizer(words);

  it.each([
    ['a B c', undefined, [2, 4, 5, 6, 3]],
    ['a b c', 5, [2, 4, 5, 6, 3]],
    ['a b c', 4, [2, 5, 6, 3]],
    ['a b c', 2, [2, 3]],
    ['a z', 9, [2, 4, 1, 3]],
    ['', undefined, [2, 3]],
    ['', 9, [2, 3]],
  ])('encodes %j to at most %s tokens, its special ones included', (text, limit, ids) => {
    expect([...tokenizer.encode(text, limit)]).toEqual(ids);
  });

  it('knows the ids of a tokenizer that states no padding', () => {
    expect([tokenizer.padId, tokenizer.unkId, tokenizer.vocabSize, tokenizer.idOf('b')]).toEqual([0, 1, 7, 5]);
    expect(tokenizer.idOf('z')).toBeUndefined();
  });

  it('takes the vocabulary of a multilingual model', () => {
    const many = Array.from({ length: 130_000 }, (_, i) => [`word${i}`, i + 7] as const);
    const vocab = { ...words.model.vocab, ...Object.fromEntries(many) };
    expect(loadTokenizer({ ...words, model: { ...words.model, vocab } }).vocabSize).toBe(130_007);
  });

  it('takes the stated padding first', () => {
    expect(loadTokenizer({ ...words, padding: { pad_id: 3 } }).padId).toBe(3);
  });

  it('decodes without the special tokens', () => {
    expect(tokenizer.decode([2, 4, 5, 3])).toBe('a b');
    expect(tokenizer.decode([])).toBe('');
  });

  it.each([
    ['no object', 7],
    ['nothing', null],
    ['no model', { version: '1.0' }],
    ['an unknown normaliser', { ...words, normalizer: { type: 'Magic' } }],
    ['no pad token', { ...words, added_tokens: [], model: { ...words.model, vocab: { a: 0 } } }],
  ])('refuses %s', (_, json) => {
    expect(() => loadTokenizer(json)).toThrow(expect.objectContaining({ code: 'tokenizer_invalid' }));
  });
});
