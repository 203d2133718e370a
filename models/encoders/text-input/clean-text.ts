import { cleanClipText } from './clean-clip-text.ts';
import { cleanSiglipText } from './clean-siglip-text.ts';

/** Cleans a text as the authors of a published model do before its tokenizer; without a way, the text as it is. */
export function cleanText(text: string, way: 'clip' | 'siglip' | undefined): string {
  if (way === 'clip') return cleanClipText(text);
  return way === 'siglip' ? cleanSiglipText(text) : text;
}
