import sharp from 'sharp';
import { random } from '../../../models/random.ts';
import type { ImageInput, ModelInfo, TextInput, WindowInput } from '../../../models/model.ts';

/** A noisy JPEG of 64 x 48 pixels; the same seed gives the same bytes. */
export async function jpeg(seed: number): Promise<ImageInput> {
  const draw = random('jpeg', seed);
  const data = Uint8Array.from({ length: 64 * 48 * 3 }, () => draw.int(256));
  const raw = { width: 64, height: 48, channels: 3 } as const;
  return { kind: 'image', bytes: await sharp(data, { raw }).jpeg().toBuffer() };
}

export function rgb(seed: number, side = 32): ImageInput {
  const draw = random('rgb', seed);
  return {
    kind: 'rgb',
    width: side,
    height: side,
    data: Uint8Array.from({ length: side * side * 3 }, () => draw.int(256)),
  };
}

export function text(words: string): TextInput {
  return { kind: 'text', text: words };
}

/** A window of random embeddings in which each modality is observed in the given slots. */
export function windowOf(
  info: ModelInfo,
  seed: number,
  observed: Readonly<Record<string, readonly number[]>>,
): WindowInput {
  const draw = random('window', seed);
  const parts = info.modalities.map(({ name, slots }) => {
    const embeddings = new Float32Array(slots * info.dimension);
    const mask = new Float32Array(slots);
    for (const slot of observed[name] ?? []) {
      mask[slot] = 1;
      for (let i = 0; i < info.dimension; i++) embeddings[slot * info.dimension + i] = draw.normal();
    }
    return [name, { embeddings, mask }] as const;
  });
  return Object.fromEntries(parts);
}
