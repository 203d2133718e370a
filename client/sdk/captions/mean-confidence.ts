/** Mean of the confidences that words have; undefined where none has one. */
export function meanConfidence(
  words: readonly { readonly confidence?: number | null | undefined }[],
): number | undefined {
  const known = words.flatMap(({ confidence }) => confidence ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0) / known.length;
}
