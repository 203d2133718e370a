import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from '../../../models/bundle/bundle.ts';
import type { ImageInput } from '../../../models/model.ts';
import { type LocalModel, loadLocalModel } from '../../../models/runtime/load-local-model.ts';
import { type LoadedModel, loadModel } from '../../../models/runtime/load-model.ts';
import { openSession } from '../../../pipeline/session.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

/** Red, with a darker left half, so that a crop that is off looks different. */
function scene(width: number, height: number, red?: { left: number; top: number; side: number }): Uint8Array {
  const data = new Uint8Array(width * height * 3).fill(20);
  if (red === undefined) return data;
  for (let y = red.top; y < red.top + red.side; y++)
    for (let x = red.left; x < red.left + red.side; x++)
      data.set([x < red.left + red.side / 2 ? 200 : 255, 0, 0], (y * width + x) * 3);
  return data;
}

const rgb = (width: number, height: number, red?: Parameters<typeof scene>[2]): ImageInput => ({
  kind: 'rgb',
  width,
  height,
  data: scene(width, height, red),
});

/** Half as wide as the picture, in the middle of the finder's cell (3, 1) of 4 x 4. */
const FACE = { left: 120, top: 20, side: 80 };
const CROP = rgb(80, 80, { left: 0, top: 0, side: 80 });

describe('a model that looks for the face', () => {
  let bundle: Bundle;
  let local: LocalModel;
  let model: LoadedModel;

  beforeAll(async () => {
    bundle = await writeTinyBundle({ findsRed: true });
    local = await loadLocalModel({ bundle: bundle.dir, threads: 1 });
    model = await loadModel({ bundle: bundle.dir, provider: 'cpu', workers: 1, deadlineMs: 20_000 });
  }, 60_000);
  afterAll(async () => {
    await local.close();
    await model.close();
  });

  async function embedded(input: ImageInput): Promise<number[]> {
    return [...(await model.encode('video', input)).embedding];
  }

  /** Of the same pixels without any search: smaller than what is searched. */
  async function asItIs(input: ImageInput, size = 40): Promise<number[]> {
    if (input.kind !== 'rgb') throw new Error('rgb only');
    const { data, info } = await sharp(input.data, { raw: { width: input.width, height: input.height, channels: 3 } })
      .resize(size, size, { kernel: 'linear' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return embedded({ kind: 'rgb', width: info.width, height: info.height, data });
  }

  const cosine = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

  it('encodes the square around it and nothing else', async () => {
    const found = await embedded(rgb(160, 160, { ...FACE, left: 60, top: 20 }));
    expect(cosine(found, await asItIs(CROP))).toBeGreaterThan(0.99);
    expect(cosine(found, await asItIs(rgb(160, 160, { ...FACE, left: 60, top: 20 })))).toBeLessThan(0.97);
  });

  it('finds it in a picture that is not square, and in one that was stored sideways', async () => {
    const wide = rgb(240, 160, { left: 130, top: 30, side: 120 });
    const want = await asItIs(rgb(120, 120, { left: 0, top: 0, side: 120 }));
    expect(cosine(await embedded(wide), want)).toBeGreaterThan(0.98);
    if (wide.kind !== 'rgb') throw new Error('rgb only');
    const stored = await sharp(wide.data, { raw: { width: 240, height: 160, channels: 3 } })
      .rotate(-90)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    expect(cosine(await embedded({ kind: 'image', bytes: stored }), want)).toBeGreaterThan(0.97);
  });

  it('takes small pictures for crops, whatever is in them', async () => {
    await expect(embedded(rgb(40, 40))).resolves.toHaveLength(16);
  });

  it('refuses a picture without one, alone, and says so; in bulk it can take the middle', async () => {
    const none = rgb(160, 120);
    await expect(embedded(none)).rejects.toMatchObject({ code: 'no_face' });
    const images = [
      rgb(160, 160, { ...FACE, left: 60 }),
      none,
      CROP,
      { kind: 'image', bytes: new Uint8Array(4) } as const,
    ];
    const { embeddings, failures } = await local.encodeImages('video', images);
    const found = failures.map(({ index, error }) => [index, error.code]);
    expect(found).toEqual(
      expect.arrayContaining([
        [1, 'no_face'],
        [3, 'image_format'],
      ]),
    );
    expect(found).toHaveLength(2);
    const row = (i: number): number[] => [...embeddings.subarray(i * 16, (i + 1) * 16)];
    expect(row(1).every((value) => value === 0)).toBe(true);
    expect(cosine(row(0), await embedded(images[0] as ImageInput))).toBeCloseTo(1, 5);
    expect(cosine(row(2), await embedded(CROP))).toBeCloseTo(1, 5);
    const middle = await local.encodeImages('video', [none], { withoutFace: 'middle' });
    expect(middle.failures).toEqual([]);
    expect(cosine([...middle.embeddings], await asItIs(rgb(120, 120)))).toBeCloseTo(1, 5);
  });

  it.each([32, 48, 160])('gives JPEGs of %i pixels in one batch the embeddings that they have alone', async (side) => {
    const files = await Promise.all(
      [60, 20, 90].map(async (left) => {
        const part = { left: Math.round((left * side) / 200), top: Math.round(side / 8), side: side / 2 };
        const data = scene(side, side, part);
        const bytes = await sharp(data, { raw: { width: side, height: side, channels: 3 } })
          .jpeg()
          .toBuffer();
        return { kind: 'image', bytes } as const;
      }),
    );
    const { embeddings } = await local.encodeImages('video', files, { withoutFace: 'middle' });
    for (const [i, file] of files.entries()) {
      const alone = await local.encodeImages('video', [file], { withoutFace: 'middle' });
      expect(cosine([...embeddings.subarray(i * 16, (i + 1) * 16)], [...alone.embeddings])).toBeCloseTo(1, 5);
    }
    expect(cosine([...embeddings.subarray(0, 16)], [...embeddings.subarray(16, 32)])).toBeLessThan(0.999);
  });

  it('tells the pipeline how large it wants recordings', () => {
    expect(model.info.modalities[0]?.image).toMatchObject({ size: 32, whole: 64 });
  });

  it('a frame without one is missing for that cause, and synthesised', async () => {
    const session = openSession(model, { mode: 'replay' });
    const states: unknown[] = [];
    const sources: unknown[] = [];
    session.outputs.subscribe((output) => {
      if (output.type === 'modality.state' && output.modality === 'video') states.push([output.state, output.cause]);
      if (output.type === 'sentiment.result') sources.push(output.modalities['video']?.source);
    });
    void session.push({
      kind: 'caption',
      caption: {
        type: 'caption',
        segment_id: 'a',
        revision: 0,
        text: 'happy',
        is_final: true,
        start_ms: 0,
        end_ms: 8000,
      },
    });
    for (let i = 0; i < 32; i++) {
      const image = i < 8 ? rgb(160, 160, { ...FACE, left: 60 }) : rgb(160, 160);
      await session.push({ kind: 'frame', seq: i, ptsMs: i * 250, image });
    }
    const { frames } = await session.close();
    expect(frames).toMatchObject({ received: 32, in_flight: 0 });
    expect(frames.dropped['no_face']).toBeGreaterThan(8);
    expect(states).toEqual([
      ['observed', null],
      ['virtual', 'no_face'],
    ]);
    expect(sources.at(-1)).toBe('virtual');
  });
});
