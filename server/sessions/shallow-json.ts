/** Levels that a message may have; those of the protocol have three. */
const MOST_LEVELS = 8;

/**
 * Whether a value that a transport has parsed is one that JSON can hold, and no deeper than messages are: what is deeper would
 * overflow the stack, and bytes within it would be written out number by number.
 */
export function isShallowJson(value: unknown, levels = MOST_LEVELS): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return false;
  return Object.values(value).every((part) => isShallowJson(part, levels - 1));
}
