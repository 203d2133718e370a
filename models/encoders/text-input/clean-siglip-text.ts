const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/**
 * A text as SigLIP's tokenizer canonicalises it: lower case, ASCII punctuation gone, blanks collapsed. Doing it twice
 * changes nothing, so a `tokenizer.json` that does the same is no harm.
 */
export function cleanSiglipText(text: string): string {
  return text.toLowerCase().replaceAll(PUNCTUATION, '').replaceAll(/\s+/g, ' ').trim();
}
