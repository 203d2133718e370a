import { UndertoneError } from '../../errors.ts';

/** The `image_corrupt` error; `what` ends the sentence "the image is broken: ...". */
export function corrupt(what: string, cause?: unknown): UndertoneError {
  return new UndertoneError('image_corrupt', `the image is broken: ${what}; send a complete JPEG, WebP or PNG`, {
    cause,
  });
}
