import { InvalidArgumentError, Option } from 'commander';
import { BUNDLE_NAME } from '../models/bundle/bundle-name.ts';

/** Which bundle a verb uses. */
export function bundleOption(more = ''): Option {
  return new Option('--bundle <name>', `name, name@version or folder (default undertone-compact)${more}`);
}

/** A name as manifests have it. @throws InvalidArgumentError for another one */
export function bundleName(text: string): string {
  if (!BUNDLE_NAME.test(text))
    throw new InvalidArgumentError(
      'takes small letters, digits, dots, dashes and underscores, and begins with one of the first two.',
    );
  return text;
}

/** Collects the values of a repeatable option. */
export function collectText(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** @throws InvalidArgumentError for anything but a whole number */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** @throws InvalidArgumentError for anything but a whole number from 1 on */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

/** @throws InvalidArgumentError for anything but a number from 0 to 1 */
export function fraction(text: string): number {
  return upTo(1, text);
}

/** @throws InvalidArgumentError for anything but a number from 0 to 0.99 */
export function smoothingWeight(text: string): number {
  return upTo(0.99, text);
}

function upTo(most: number, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= most))
    throw new InvalidArgumentError(`It must be from 0 to ${most}.`);
  return value;
}

/** Collects `NAME=SHARE` options. @throws InvalidArgumentError for another form, and for a name that came before */
export function collectRates(text: string, rates: Readonly<Record<string, number>>): Record<string, number> {
  const [name = '', share, more] = text.split('=');
  if (name === '' || share === undefined || more !== undefined)
    throw new InvalidArgumentError('It must be like video=0.5.');
  if (Object.hasOwn(rates, name)) throw new InvalidArgumentError(`There is one for ${name} already.`);
  return { ...rates, [name]: fraction(share) };
}
