import type { LoadedPairs } from './load-pairs.ts';
import { nearest } from './retrieval.ts';

export interface ZeroShotFigures {
  readonly classes: number;
  /** Images whose captions name a class at all; the others are in no figure. */
  readonly images: number;
  /** Share of them whose nearest class name is one that their captions use. */
  readonly top1: number;
  /** The same of a class drawn at random. */
  readonly chance: number;
  /** The same of always naming the class that most of these images have. */
  readonly mostFrequent: number;
}

/**
 * Zero-shot naming of images by embeddings of class names alone. What is right is taken from the captions' words, which
 * leave out much of what is in a picture and call it other names, so the figure is a lower bound.
 */
export function zeroShot({ images, words, classes }: LoadedPairs): ZeroShotFigures | undefined {
  if (classes === undefined) return undefined;
  const patterns = classes.names.map(patternOf);
  const named = images.flatMap((image, i) => {
    const said = (words[i] ?? []).join('\n');
    const right = patterns.flatMap((pattern, at) => (pattern?.test(said) === true ? [at] : []));
    return right.length === 0 ? [] : [{ image, right: new Set(right) }];
  });
  if (named.length === 0) return undefined;
  const share = (of: (one: (typeof named)[number]) => number): number =>
    named.reduce((sum, one) => sum + of(one), 0) / named.length;
  return {
    classes: classes.names.length,
    images: named.length,
    top1: share(({ image, right }) => Number(right.has(nearest(image, classes.embeddings)))),
    chance: share(({ right }) => right.size / classes.names.length),
    mostFrequent: Math.max(...patterns.map((_, at) => share(({ right }) => Number(right.has(at))))),
  };
}

/** A name as a word of a caption, in the plural too; undefined for one without a letter or digit, which no words are. */
function patternOf(name: string): RegExp | undefined {
  if (!/[\p{L}\p{N}]/u.test(name)) return undefined;
  const escaped = name.trim().replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(s|es)?(?![\\p{L}\\p{N}_])`, 'iu');
}
