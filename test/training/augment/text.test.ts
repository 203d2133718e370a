import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { random } from '../../../models/random.ts';
import { DEFAULT_TEXT_AUGMENT, augmentText, spokenText } from '../../../training/augment/text.ts';

const OFF = { lowerCase: 0, stripPunctuation: 0, cut: 0, cutShare: 0.4, wordDropout: 0, swap: 0, typo: 0, minWords: 3 };
const TEXT = "Well, I don't think so! It's “fine” — really…";

describe('augmentText', () => {
  it.each([
    ['nothing', {}, TEXT],
    ['lower case', { lowerCase: 1 }, "well, i don't think so! it's “fine” — really…"],
    ['punctuation', { stripPunctuation: 1 }, "Well I don't think so It's fine really"],
    ['every word lost is none lost', { wordDropout: 1 }, TEXT],
  ])('%s', (_, change, expected) => {
    expect(augmentText(random(1), TEXT, { ...OFF, ...change })).toBe(expected);
  });

  it('cuts a prefix or a suffix and leaves the rest in order', () => {
    const text = 'a b c d e f g h i j';
    const seen = new Set(Array.from({ length: 200 }, (_, i) => augmentText(random(i), text, { ...OFF, cut: 1 })));
    expect(seen.size).toBe(8);
    for (const cut of seen) {
      expect(text.startsWith(cut) || text.endsWith(cut)).toBe(true);
      expect(cut.split(' ').length).toBeGreaterThanOrEqual(6);
    }
  });

  it('swaps keep the words, typos change one letter', () => {
    const swapped = augmentText(random(3), 'one two three four five', { ...OFF, swap: 1 });
    expect(swapped).toBe('two three four five one');
    const lengths = new Set<number>();
    for (let seed = 0; seed < 100; seed++) {
      const typo = augmentText(random(seed), 'strange', { ...OFF, typo: 1 });
      expect(typo).not.toBe('strange');
      lengths.add(typo.length);
    }
    expect(lengths).toEqual(new Set([6, 7, 8]));
    expect(augmentText(random(3), 'a 12 🙂🙂🙂', { ...OFF, typo: 1 })).toBe('a 12 🙂🙂🙂');
  });

  it('words are misheard as others that sound like them, in the same case and between the same marks', () => {
    const heard = (text: string): Set<string> =>
      new Set(Array.from({ length: 60 }, (_, i) => augmentText(random(i), text, { ...OFF, misheard: 1 })));
    expect(heard('quite')).toEqual(new Set(['quiet']));
    expect(heard('(Their) NEW, phones')).toEqual(new Set(['(There) KNEW, phones', "(They're) KNEW, phones"]));
    expect(heard('can’t')).toEqual(new Set(['can']));
    expect(heard('café 12 🙂')).toEqual(new Set(['café 12 🙂']));
  });

  it('spoken has no case, no marks and, of the words that sound like others, that share misheard', () => {
    expect(spokenText(random(1), 'Oh my GOD, it’s quite... great!', 0)).toBe("oh my god it's quite great");
    expect(spokenText(random(1), 'Quite (quiet)?!', 1)).toBe('quiet quite');
    expect(spokenText(random(1), '?!', 0)).toBe('?!');
  });

  it('is never empty for a text with words, and the same for the same stream', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, seed) => {
        const out = augmentText(random(seed), text, {
          ...DEFAULT_TEXT_AUGMENT,
          stripPunctuation: 1,
          wordDropout: 0.5,
          misheard: 0.5,
        });
        expect(out === '').toBe(text.trim() === '');
        expect(augmentText(random(seed), text)).toBe(augmentText(random(seed), text));
      }),
    );
  });
});
