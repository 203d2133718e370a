/** A small made-up corpus: captions, tweets, other scripts. */
export const CORPUS: readonly string[] = [
  ...Array.from(
    { length: 40 },
    (_, i) => `I really like this movie, it's ${['great', 'good', 'fine', 'lovely'][i % 4]}!`,
  ),
  ...Array.from(
    { length: 40 },
    (_, i) => `I don't like that film, it was ${['bad', 'awful', 'boring', 'sad'][i % 4]}...`,
  ),
  ...Array.from({ length: 20 }, (_, i) => `RT @person${i}: so happy today 😂😂 #happy https://t.co/${i}abc`),
  'Das ist über­raschend schön, naïve café',
  'これは素晴らしい 映画です 한국어 हिन्दी',
];

export const HELD_OUT: readonly string[] = [
  'A lovely, lovely film that I did not find boring at all!!!',
  "We won't be going there again; it's awful :(",
  'UNBELIEVABLY HAPPY 😂😍 @somebody_else http://example.org/x?y=z&w=1',
  'Łódź, Ærøskøbing, ẞ, ﬁne, ½, Ⅳ, ％',
  '👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷 ❤️ 1️⃣',
  'مرحبا بالعالم',
];
