import { InvalidArgumentError } from 'commander';
import { fraction, wholeNumber } from './options.ts';

/** `a,b`, without blanks, each once. @throws InvalidArgumentError of nothing */
export function names(text: string): string[] {
  return [...new Set(split(text))];
}

function split(text: string): string[] {
  const list = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (list.length === 0) throw new InvalidArgumentError('It must name at least one.');
  return list;
}

/** A list of some of the known names. @throws InvalidArgumentError for another one */
export function namesOf<const T extends string>(...known: readonly T[]): (text: string) => T[] {
  return (text) =>
    names(text).map((name) => {
      const found = known.find((each) => each === name);
      if (found === undefined) throw new InvalidArgumentError(`There are ${known.join(', ')}.`);
      return found;
    });
}

/** `0,0.5,1`. @throws InvalidArgumentError for anything but shares */
export function fractions(text: string): number[] {
  return [...new Set(names(text).map(fraction))];
}

/** `1111,1112`. @throws InvalidArgumentError for anything but whole numbers */
export function wholeNumbers(text: string): number[] {
  return [...new Set(names(text).map(wholeNumber))];
}

/** `2/3`: the second of three, as `{index: 1, count: 3}`. @throws InvalidArgumentError for another form */
export function part(text: string): { readonly index: number; readonly count: number } {
  const [index = 0, count = 0] = text.split('/').map(Number);
  if (!/^\d+\/\d+$/.test(text) || index < 1 || index > count) throw new InvalidArgumentError('It must be like 1/2.');
  return { index: index - 1, count };
}

/** `a.npy,b.npy`. @throws InvalidArgumentError for other than two */
export function pair(text: string): readonly [string, string] {
  const [a, b, more] = split(text);
  if (a === undefined || b === undefined || more !== undefined) throw new InvalidArgumentError('It must be two files.');
  return [a, b];
}
