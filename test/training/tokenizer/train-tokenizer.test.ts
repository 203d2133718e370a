import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadTokenizer } from '../../../models/encoders/tokenizer.ts';
import { trainTokenizer } from '../../../training/tokenizer/train-tokenizer.ts';
import { cutByDefinition } from './bpe-oracle.ts';
import { CORPUS, HELD_OUT } from './corpus.ts';

interface Trained {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly string[] };
}

const json = JSON.parse(JSON.stringify(trainTokenizer(CORPUS, { vocabSize: 800 }))) as Trained;
const tokenizer = loadTokenizer(json);
const spelling = new Map(Object.entries(json.model.vocab).map(([token, id]) => [id, token]));
const tokensOf = (text: string): (string | undefined)[] => [...tokenizer.encode(text)].map((id) => spelling.get(id));
const anyText = (): ReturnType<typeof string> => string({ unit: 'binary', maxLength: 60 });

describe('trainTokenizer', () => {
  it('numbers pad and unk first and everything without gaps', () => {
    expect([tokenizer.padId, tokenizer.unkId]).toEqual([0, 1]);
    expect([...spelling.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: spelling.size }, (_, i) => i));
    expect(tokenizer.vocabSize).toBe(spelling.size);
    expect(spelling.size).toBeLessThanOrEqual(800);
  });

  it('does not depend on the order of the texts', () => {
    expect(trainTokenizer(CORPUS.toReversed(), { vocabSize: 800 })).toEqual(json);
  });

  it('has frequent words whole', () => {
    expect(tokensOf("I DON'T like it")).toEqual(['i</w>', "don't</w>", 'like</w>', 'it</w>']);
  });

  it.each([100, 513, 600.5, Number.NaN])('refuses a vocabulary of %s', (vocabSize) => {
    expect(() => trainTokenizer([], { vocabSize })).toThrow(expect.objectContaining({ code: 'tokenizer_size' }));
  });

  it('needs no text at all', () => {
    const bytes = loadTokenizer(trainTokenizer([], { vocabSize: 514 }));
    expect(bytes.decode(bytes.encode('hi 😀'))).toBe('hi 😀');
  });
});

describe('what the tokenizer does to a text', () => {
  it.each([
    ['URLs', 'see https://t.co/aB1?x=y now', 'see http now'],
    ['bare www addresses', 'see WWW.example.org/a', 'see http'],
    ['user names', '@Bob_1: hi @alice', '@user : hi @user'],
    ['mail addresses keep their words', 'a@b.com', 'a @ b . com'],
    ['hashtags', '#HappyDay', '# happyday'],
    ['curly quotes', 'it’s “fine”', 'it \'s " fine "'],
    ['accents', 'Crème Brûlée ÀÉÎ', 'creme brulee aei'],
    ['compatibility forms', 'ﬁne ① ％ Ａｂ', 'fine 1 % ab'],
    ['Turkish capitals', 'İstanbul', 'istanbul'],
    ['white space', ' a\t\u00a0b\u3000c\n', 'a b c'],
    ['emoji', '😂😂 ❤️', '😂😂 ❤'],
    ['Hangul in whole syllables', '한국어', '한국어'],
    ['markup of the tokenizer itself', '<pad> <unk>', '< pad > < unk >'],
  ])('%s', (_, text, expected) => expect(tokenizer.decode(tokenizer.encode(text))).toBe(expected));

  it.each(['', ' ', '\n\t', '\u200d\u0301'.slice(1)])('has no token for %j', (text) => {
    expect(tokenizer.encode(text)).toHaveLength(0);
    expect(tokenizer.encode(text, 8)).toHaveLength(0);
  });

  it('spells any text, never with pad or unk', () => {
    assert(
      property(anyText(), (text) => {
        for (const id of tokenizer.encode(text)) {
          expect(id).toBeGreaterThan(1);
          expect(id).toBeLessThan(tokenizer.vocabSize);
        }
      }),
    );
  });

  it('spells lone surrogates', () => {
    assert(property(string({ unit: 'binary-ascii' }), (text) => tokenizer.encode(`${text}\ud800`).length > 0));
  });

  it('gives back the words that it was given', () => {
    const bytes = new Map(Object.entries(json.model.vocab).map(([token, id]) => [id, token.replace(/<\/w>$/, ' ')]));
    assert(
      property(anyText(), (text) => {
        const joined = [...tokenizer.encode(text)].map((id) => bytes.get(id)).join('');
        expect(joined.trim().split(' ').filter(Boolean)).toEqual(tokenizer.words(text));
      }),
    );
  });

  it('cuts its own decoded text the same way', () => {
    for (const text of [...CORPUS, ...HELD_OUT]) {
      const ids = tokenizer.encode(text);
      expect(tokenizer.encode(tokenizer.decode(ids))).toEqual(ids);
    }
  });

  it('cuts as the learnt merges say, on texts it was not trained on', () => {
    const merges = json.model.merges.map((line) => line.split(' ') as [string, string]);
    const expected = (text: string): string[] =>
      tokenizer.words(text).flatMap((word) => {
        const characters = Array.from(word);
        characters.push(`${characters.pop()}</w>`);
        return cutByDefinition(characters, merges);
      });
    for (const text of [...CORPUS, ...HELD_OUT]) expect(tokensOf(text)).toEqual(expected(text));
    assert(
      property(anyText(), (text) => {
        expect(tokensOf(text)).toEqual(expected(text));
      }),
    );
  });
});

describe('a limit on the number of tokens', () => {
  it('keeps the end of the text', () => {
    assert(
      property(anyText(), (text) => {
        const all = tokenizer.encode(text);
        for (const limit of [0, 1, 7]) {
          expect(tokenizer.encode(text, limit)).toEqual(all.slice(Math.max(0, all.length - limit)));
        }
      }),
    );
  });

  it('keeps the end of a long text', () => {
    const text = `${'awful boring film. '.repeat(5000)} I really like this movie`;
    expect(tokenizer.decode(tokenizer.encode(text, 5))).toBe('i really like this movie');
    expect(tokenizer.encode('x'.repeat(50_000), 9)).toHaveLength(9);
  });
});
