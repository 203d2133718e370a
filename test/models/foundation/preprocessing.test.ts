import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cosine } from '../../../models/cosine.ts';
import { fitImage } from '../../../models/encoders/image-input/fit-image.ts';
import { toPixels } from '../../../models/encoders/image-input/to-pixels.ts';
import { toTensor } from '../../../models/encoders/image-input/to-tensor.ts';
import { readPreprocessing } from '../../../models/foundation/read-preprocessing.ts';
import type { ImageTensor } from '../../../models/bundle/manifest.ts';
import type { ImageInput } from '../../../models/model.ts';
import { type OrtSession, openSession } from '../../../models/runtime/session.ts';
import { random } from '../../../models/random.ts';
import { decodeFrames } from '../../../pipeline/replay/decode-frames.ts';
import { ffmpegOutput } from '../../../pipeline/replay/decode.ts';
import { Clips, hasFfmpeg } from '../../pipeline/replay/clips.ts';
import { clipPixels, normalised, pillowResize } from '../../support/reference-preprocessing.ts';
import { tinyClip } from '../../support/tiny-clip.ts';
import { meanDifference } from '../encoders/image-input/pictures.ts';

const SIZE = 96;
const MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const STD = [0.26862954, 0.26130258, 0.27577711] as const;
const TENSOR: ImageTensor = { layout: 'nchw', mean: [...MEAN], std: [...STD] };
const CLIP = { size: SIZE, fit: 'cover', filter: 'bicubic', resize: SIZE } as const;

let encoder: OrtSession;

beforeAll(async () => {
  // Weights four times as large make the embedding feel small differences of the pixels.
  const edit = (params: Map<string, Float32Array>): void => {
    for (const data of params.values())
      for (const [i, value] of data.entries()) if (Math.abs(value) !== 1) data[i] = 4 * value;
  };
  const files = tinyClip({ size: SIZE, dimension: 64, edit });
  encoder = await openSession(files['onnx/vision_model.onnx'] ?? '', { threads: 1 });
});
afterAll(async () => encoder.close());

async function embed(pixels: Float32Array): Promise<Float32Array> {
  const input = { type: 'float32', dims: [1, 3, SIZE, SIZE], data: pixels } as const;
  return (await encoder.run({ pixel_values: input }))['image_embeds']?.data as Float32Array;
}

/** Blobs of colour, edges, fine lines and noise: what makes filters, crops and rounding show. */
function scene(width: number, height: number): Uint8Array {
  const draw = random('scene', width, height);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = x / width;
      const v = y / height;
      const lines = Math.floor(u * 40) % 2 === 0 && v > 0.6 ? 90 : 0;
      const edge = u + v > 0.9 ? 60 : 0;
      const at = (y * width + x) * 3;
      data[at] = Math.min(255, 60 + 120 * u + lines + draw.int(20));
      data[at + 1] = Math.min(255, 100 + 80 * Math.sin(9 * u + 5 * v) + edge + draw.int(20));
      data[at + 2] = Math.min(255, 40 + 150 * (1 - v) + lines + draw.int(20));
    }
  return data;
}

const picture = (width: number, height: number): Sharp =>
  sharp(scene(width, height), { raw: { width, height, channels: 3 } });

/** All of the picture's pixels, decoded without any shortcut. */
async function decoded(bytes: Uint8Array): Promise<{ width: number; height: number; data: Uint8Array }> {
  const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function fast(input: ImageInput): Promise<Float32Array> {
  const pixels = await toPixels(input, CLIP);
  return await embed(toTensor(pixels, 1, SIZE, TENSOR));
}

async function exact(image: { width: number; height: number; data: Uint8Array }): Promise<Float32Array> {
  return await embed(normalised(clipPixels(image, { size: SIZE, resize: SIZE, filter: 'bicubic' }), MEAN, STD));
}

describe('the embedding of the fast path, beside that of the published preprocessing', { timeout: 120_000 }, () => {
  const paths: [string, number, number, (image: Sharp) => Promise<Uint8Array>][] = [
    ['a JPEG of a camera', 640, 480, (image) => image.jpeg({ quality: 90 }).toBuffer()],
    ['a tall JPEG', 333, 517, (image) => image.jpeg({ quality: 80 }).toBuffer()],
    ['a JPEG of the size wanted', SIZE, SIZE, (image) => image.jpeg({ quality: 95 }).toBuffer()],
    ['a JPEG that is enlarged', 70, 50, (image) => image.jpeg({ quality: 95 }).toBuffer()],
    ['a grey JPEG', 320, 240, (image) => image.greyscale().jpeg().toBuffer()],
    ['a large JPEG', 1280, 720, (image) => image.jpeg({ quality: 90 }).toBuffer()],
    ['a progressive JPEG', 640, 360, (image) => image.jpeg({ progressive: true }).toBuffer()],
    ['a CMYK JPEG', 400, 300, (image) => image.toColourspace('cmyk').jpeg().toBuffer()],
    ['a PNG', 500, 333, (image) => image.png().toBuffer()],
    ['a WebP', 640, 480, (image) => image.webp({ quality: 90 }).toBuffer()],
    ['a panorama', 900, 120, (image) => image.png().toBuffer()],
  ];
  test.each(paths)('%s', async (_name, width, height, encode) => {
    const bytes = await encode(picture(width, height));
    const similarity = cosine(await fast({ kind: 'image', bytes }), await exact(await decoded(bytes)));
    expect(similarity).toBeGreaterThan(0.999);
  });

  test('RGB rows', async () => {
    const image = { width: 640, height: 480, data: scene(640, 480) };
    expect(cosine(await fast({ kind: 'rgb', ...image }), await exact(image))).toBeGreaterThan(0.9999);
  });

  test('tells a wrong crop, order of channels, scale or filter from the published ones', async () => {
    const image = { width: 640, height: 480, data: scene(640, 480) };
    const right = await exact(image);
    const input = { kind: 'rgb', ...image } as const;
    const pixels = await toPixels(input, CLIP);
    const stretched = await toPixels(input, { ...CLIP, fit: 'stretch' });
    const swapped = pixels.map((_, i) => pixels[i + 2 - 2 * (i % 3)] ?? 0);
    const wrong = [
      toTensor(stretched, 1, SIZE, TENSOR),
      toTensor(swapped, 1, SIZE, TENSOR),
      toTensor(pixels, 1, SIZE, { ...TENSOR, mean: [0, 0, 0] }),
    ];
    for (const tensor of wrong) expect(cosine(await embed(tensor), right)).toBeLessThan(0.999);
    const published = clipPixels(image, { size: SIZE, resize: SIZE, filter: 'bicubic' });
    expect(meanDifference(pixels, published)).toBeLessThan(0.01);
    expect(meanDifference(fitImage(image, { ...CLIP, filter: 'area' }), published)).toBeGreaterThan(0.5);
  });
});

describe('pixels of the fast path are those of Pillow', { timeout: 120_000 }, () => {
  test.each([
    [640, 480, 96, 96],
    [333, 517, 96, 112],
    [1280, 720, 64, 64],
    [50, 40, 96, 96],
    [225, 1000, 96, 128],
    [96, 96, 96, 96],
  ])('%d x %d to %d out of %d', async (width, height, size, resize) => {
    const image = { width, height, data: scene(width, height) };
    for (const filter of ['bicubic', 'bilinear'] as const) {
      const pixels = await toPixels({ kind: 'rgb', ...image }, { size, fit: 'cover', filter, resize });
      const published = clipPixels(image, { size, resize, filter });
      expect(Math.max(...pixels.map((value, i) => Math.abs(value - (published[i] ?? 0))))).toBeLessThanOrEqual(2);
      expect(meanDifference(pixels, published)).toBeLessThan(0.05);
    }
  });

  test('of a large JPEG too', async () => {
    const bytes = await picture(1344, 1008).jpeg({ quality: 90 }).toBuffer();
    const image = await decoded(bytes);
    const published = clipPixels(image, { size: 224, resize: 224, filter: 'bicubic' });
    const pixels = await toPixels(
      { kind: 'image', bytes },
      { size: 224, fit: 'cover', filter: 'bicubic', resize: 224 },
    );
    expect(meanDifference(pixels, published)).toBeLessThan(0.01);
    const stretched = await toPixels({ kind: 'image', bytes }, { size: 224, fit: 'stretch', filter: 'bicubic' });
    expect(meanDifference(stretched, pillowResize(image, 224, 224, 'bicubic').data)).toBeLessThan(0.01);
  });

  test('stretched to a square, as SigLIP wants it', async () => {
    const image = { width: 320, height: 180, data: scene(320, 180) };
    const pixels = await toPixels({ kind: 'rgb', ...image }, { size: 64, fit: 'stretch', filter: 'bicubic' });
    expect(meanDifference(pixels, pillowResize(image, 64, 64, 'bicubic').data)).toBeLessThan(0.01);
  });
});

describe.skipIf(!hasFfmpeg)('frames of a video (needs ffmpeg)', { timeout: 120_000 }, () => {
  const clips = new Clips();
  afterAll(() => clips.remove());

  test.each([
    ['without loss', '640x360', ['-c:v', 'ffv1', '-pix_fmt', 'gbrp']],
    ['with subsampled colour', '640x360', ['-c:v', 'mpeg4', '-q:v', '2', '-pix_fmt', 'yuv420p']],
    ['upright', '240x426', ['-c:v', 'mpeg4', '-q:v', '2', '-pix_fmt', 'yuv420p']],
    ['square', '128x128', ['-c:v', 'ffv1', '-pix_fmt', 'yuv444p']],
  ])('%s', async (name, size, args) => {
    const [width = 0, height = 0] = size.split('x').map(Number);
    const source = `testsrc2=size=${size}:rate=4:duration=0.25,noise=alls=12:allf=t,gblur=sigma=1`;
    const file = clips.make(`${name}.mkv`, ['-f', 'lavfi', '-i', source, ...args]);
    const raw: Uint8Array[] = [];
    const exactly = ['-sws_flags', 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp'];
    const outputOptions = ['-map', '0:v', ...exactly, '-f', 'rawvideo', '-pix_fmt', 'rgb24'];
    for await (const chunk of ffmpegOutput({ file, outputOptions })) raw.push(chunk);
    const data = Buffer.concat(raw).subarray(0, width * height * 3);
    expect.hasAssertions();
    for await (const frame of decodeFrames(file, { fps: 4, size: SIZE, whole: true })) {
      expect([frame.width, frame.height]).toEqual([width, height]);
      const pixels = await toPixels({ kind: 'rgb', ...frame }, CLIP);
      const published = clipPixels({ width, height, data }, { size: SIZE, resize: SIZE, filter: 'bicubic' });
      expect(meanDifference(pixels, published)).toBeLessThan(0.05);
      const similarity = cosine(await embed(toTensor(pixels, 1, SIZE, TENSOR)), await exact({ width, height, data }));
      expect(similarity).toBeGreaterThan(0.999);
      break;
    }
  });

  test('sideways, with pixels that are not square, and very large', async () => {
    const wide = clips.make('wide.mkv', [
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=64x48:rate=4:duration=0.25',
      '-vf',
      'setsar=2',
      '-c:v',
      'ffv1',
    ]);
    const large = clips.make('large.mp4', [
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=2560x1440:rate=4:duration=0.25',
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'mpeg4',
    ]);
    const sizes: number[][] = [];
    for (const file of [wide, large])
      for await (const frame of decodeFrames(file, { fps: 4, size: SIZE, whole: true })) {
        sizes.push([frame.width, frame.height, frame.data.length]);
        break;
      }
    expect(sizes).toEqual([
      [128, 48, 128 * 48 * 3],
      [1280, 720, 1280 * 720 * 3],
    ]);
  });
});

describe('readPreprocessing', () => {
  const published = { resample: 3, image_mean: [...MEAN], image_std: [...STD] };
  test.each([
    [
      'CLIP, as first published',
      { size: 224, crop_size: 224, do_center_crop: true, feature_extractor_type: 'CLIPFeatureExtractor' },
      { size: 224, fit: 'cover', resize: 224, filter: 'bicubic' },
    ],
    [
      'CLIP, later',
      { size: { shortest_edge: 224 }, crop_size: { height: 224, width: 224 } },
      { size: 224, fit: 'cover', resize: 224, filter: 'bicubic' },
    ],
    [
      'a smaller crop',
      { size: { shortest_edge: 256 }, crop_size: 224, resample: 2 },
      { size: 224, fit: 'cover', resize: 256, filter: 'bilinear' },
    ],
    [
      'SigLIP',
      { size: { height: 224, width: 224 }, image_processor_type: 'SiglipImageProcessor' },
      { size: 224, fit: 'stretch', filter: 'bicubic' },
    ],
    [
      'SigLIP, with nulls for what it has not',
      { size: { height: 224, width: 224 }, crop_size: null, do_center_crop: null },
      { size: 224, fit: 'stretch', filter: 'bicubic' },
    ],
  ])('%s', (_name, config, preprocessing) => {
    const saved = { ...published, ...config };
    const expected = { preprocessing, tensor: { layout: 'nchw', mean: [...MEAN], std: [...STD] } };
    expect(readPreprocessing(saved)).toEqual(expected);
    expect(readPreprocessing({ image_processor: saved, processor_class: 'CLIPProcessor' })).toEqual(expected);
  });

  test('no normalisation is a mean of 0 and a deviation of 1', () => {
    const config = { size: { shortest_edge: 256 }, crop_size: { height: 256, width: 256 }, do_normalize: false };
    expect(readPreprocessing(config).tensor).toEqual({ layout: 'nchw', mean: [0, 0, 0], std: [1, 1, 1] });
  });

  test.each([
    ['another filter', { size: 224, resample: 1 }],
    ['no size', {}],
    ['a processor without the one of images', { image_processor: null }],
    ['a size that is no square', { size: { height: 224, width: 160 } }],
    ['a shorter side without a crop', { size: { shortest_edge: 224 }, do_center_crop: false }],
    ['the same of a processor that never crops', { size: { shortest_edge: 224 } }],
    [
      "CLIP's number without a crop, which is that of the shorter side",
      { size: 224, do_center_crop: false, image_processor_type: 'CLIPImageProcessor' },
    ],
    ['a crop that is no square', { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 160 } }],
    ['a crop of a shorter side', { size: { shortest_edge: 256 }, crop_size: { shortest_edge: 224 } }],
    ['a crop beyond the picture', { size: { shortest_edge: 224 }, crop_size: 256 }],
    ['another scale', { size: 224, rescale_factor: 1 / 127.5 }],
    ['no resize', { size: 224, do_resize: false }],
    ['a deviation of 0', { size: 224, image_std: [1, 0, 1] }],
  ])('refuses %s', (_name, config) => {
    expect(() => readPreprocessing({ ...published, ...config })).toThrow(
      expect.objectContaining({ code: 'foundation_config' }),
    );
  });
});
