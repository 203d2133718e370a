import sharp from 'sharp';
import { random } from '../../models/random.ts';
import { EMOTIONS } from '../../training/datasets/emotions.ts';
import { drawUtterance } from '../../training/synthetic/captions.ts';
import { syntheticFaces } from '../../training/synthetic/synthetic-faces.ts';

/** What every session sends, in an order of its own: JPEGs of drawn faces at the encoder's size, and short captions. */
export interface LoadMaterial {
  readonly images: readonly Uint8Array[];
  readonly captions: readonly string[];
}

export async function drawMaterial(imageSize: number): Promise<LoadMaterial> {
  const images: Uint8Array[] = [];
  for await (const { data, width, height } of syntheticFaces({ n: 28, size: imageSize }))
    images.push(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 85 })
        .toBuffer(),
    );
  const draw = random('bench captions');
  const captions = Array.from({ length: 64 }, (_, i) =>
    drawUtterance(draw, EMOTIONS[i % EMOTIONS.length] ?? 'neutral'),
  );
  return { images, captions };
}
