import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cleanText } from '../../../training/datasets/clean-text.ts';
import { decodeWindows1252 } from '../../../models/windows-1252.ts';
import { joinTreebankTokens } from '../../../training/datasets/treebank-text.ts';

describe('cleanText', () => {
  it.each([
    ['  a\t b\r\nc  ', 'a b c'],
    ['Tom &amp; Jerry &lt;3 &#39;hey&#39;', "Tom & Jerry <3 'hey'"],
    ['&unknown; &#0; &#99999999;', '&unknown; &#0; &#99999999;'],
    ['@user https://t.co/x 😀 é', '@user https://t.co/x 😀 é'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => expect(cleanText(text)).toBe(expected));

  it('undoes UTF-8 that was read as Windows-1252', () => {
    for (const text of ['naïve café', 'a — b', 'Ünïcödé', 'wait…', 'x €5']) {
      expect(cleanText(decodeWindows1252(new TextEncoder().encode(text)))).toBe(text);
    }
  });

  it('never throws and leaves single blanks', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const cleaned = cleanText(text);
        expect(cleaned).toBe(cleaned.trim());
        expect(cleaned).not.toMatch(/ {2}|[\n\r\t]/);
      }),
    );
  });
});

describe('joinTreebankTokens', () => {
  it.each([
    ["it is n't bad -lrb- at all -rrb- .", "it isn't bad (at all)."],
    ["you 'll wo n't they 've i 'm she 'd we 're hart 's", "you'll won't they've i'm she'd we're hart's"],
    ["`` a fine ' film '' , he said", `"a fine ' film", he said`],
    ['writer\\/director , who can not', 'writer/director, who cannot'],
    ['it cost $ 5 million !', 'it cost $5 million!'],
    ["gon na get 'em", "gonna get 'em"],
    ['he got not a word , but i got ta go', 'he got not a word, but i gotta go'],
  ])('%j becomes %j', (text, expected) => expect(joinTreebankTokens(text)).toBe(expected));
});
