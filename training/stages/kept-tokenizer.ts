import { readFile } from 'node:fs/promises';
import { sha256 } from '../../models/bundle/sha256.ts';
import { writeWhole } from '../engine/write-whole.ts';
import { fingerprint } from '../fingerprint.ts';
import { trainTokenizer } from '../tokenizer/train-tokenizer.ts';

/**
 * The tokenizer of some texts in Hugging Face's form, trained, or read from `path` where an earlier run left it whole and made
 * it of the same texts. What it was made of is in a file beside it, so that the tokenizer's own is as others expect it.
 *
 * @throws UndertoneError `tokenizer_size`, `checkpoint_unwritable`
 */
export async function keptTokenizer(path: string, texts: readonly string[], vocabulary: number): Promise<string> {
  const note = (json: string): string =>
    JSON.stringify({ made_of: fingerprint(vocabulary, texts), sha256: sha256(json) });
  const beside = `${path}.made-of.json`;
  const [kept, noted] = await Promise.all([path, beside].map((file) => readFile(file, 'utf8').catch(() => undefined)));
  if (kept !== undefined && noted === note(kept)) return kept;
  const json = JSON.stringify(trainTokenizer(texts, { vocabSize: vocabulary }));
  await writeWhole(path, (file) => file.writeFile(json));
  await writeWhole(beside, (file) => file.writeFile(note(json)));
  return json;
}
