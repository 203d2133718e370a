import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasCode, UndertoneError } from '../../models/errors.ts';
import type { OnBad } from './sink.ts';

/** Failures that are an image's own: it is gone, is none, does not decode, is too large. */
const IMAGE_FAULT = /^(data_image$|image_)/;

/**
 * What `read` makes of an image.
 *
 * @param what names the image in the error, e.g. by its sample's id
 * @param skipped whether it is left out then
 * @throws UndertoneError `data_image` where the image is at fault
 */
async function readImage<T>(what: string, skipped: boolean, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof UndertoneError && IMAGE_FAULT.test(error.code) ? imageFault(what, error, skipped) : error;
  }
}

/** The error of an image at fault, with its name before the reason and, unless it is `skipped`, what to do after it. */
export function imageFault(what: string, cause: UndertoneError, skipped: boolean): UndertoneError {
  const remedy = skipped ? '' : ' (mend the file, or leave bad ones out with --skip-bad)';
  return new UndertoneError('data_image', `image ${what}: ${cause.message}${remedy}`, { cause });
}

/** Images read without a pause: small ones decode at once, and nothing else, Ctrl-C among it, would be heard. */
const TURN = 32;

/**
 * What `read` makes of the images of some items, in order. Where `onBad` is given, an item whose image is at fault is left
 * out and told to it.
 *
 * @throws UndertoneError `data_image` with the item's name, without `onBad`; the signal's reason
 */
export async function readImages<I, T>(
  items: readonly I[],
  { nameOf, read, onBad, signal }: ReadImagesOptions<I, T>,
): Promise<T[]> {
  const made: T[] = [];
  for (const [i, item] of items.entries()) {
    if (i % TURN === 0) await nextTurn();
    signal?.throwIfAborted();
    try {
      made.push(await readImage(nameOf(item), onBad !== undefined, () => read(item)));
    } catch (error) {
      if (onBad === undefined || !hasCode(error, 'data_image')) throw error;
      onBad(error);
    }
  }
  return made;
}

export interface ReadImagesOptions<I, T> {
  readonly nameOf: (item: I) => string;
  readonly read: (item: I) => T | Promise<T>;
  readonly onBad?: OnBad | undefined;
  readonly signal?: AbortSignal | undefined;
}
