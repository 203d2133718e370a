import type { CaptionInput } from '../../../sdk/index.ts';

/** Where a caption came from. */
export type Origin = 'clip' | 'typed' | 'heard';

/** A caption on its way to the server and to the page. */
export interface Words extends CaptionInput {
  readonly origin: Origin;
}

export type Say = (words: Words) => void;
