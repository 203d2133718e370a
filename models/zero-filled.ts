import type { WindowInput } from './model.ts';

/** The window with every slot counted as observed: the heads read zeros where they would synthesise. */
export function zeroFilled(window: WindowInput): WindowInput {
  return Object.fromEntries(
    Object.entries(window).map(([name, { embeddings, mask }]) => [name, { embeddings, mask: mask.map(() => 1) }]),
  );
}
