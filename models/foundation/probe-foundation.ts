import { random } from '../random.ts';
import type { FoundationManifest } from './foundation-manifest.ts';
import { openEncoders } from './open-foundation.ts';

/** Texts of different lengths, none among them, so that both ends of what the graph takes are run. */
const TEXTS = ['a photo of a happy person', '', 'so '.repeat(200)];

/**
 * Runs each encoder once, on noise and on a few texts, so that a model which does not work is refused before it is
 * installed.
 *
 * @throws UndertoneError `model_unreadable`, `embedding_not_finite`, `tokenizer_invalid`
 */
export async function probeFoundation(dir: string, manifest: FoundationManifest): Promise<void> {
  const model = openEncoders(dir, manifest);
  try {
    const draw = random(0, 'probe');
    const bytes = model.imageSize ** 2 * 3;
    const pixels = Uint8Array.from({ length: 2 * bytes }, () => Math.floor(draw.uniform() * 256));
    await model.encodePixels(pixels, 2);
    await model.encodeTexts(TEXTS);
  } finally {
    await model.close();
  }
}
