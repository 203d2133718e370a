import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { hasCode } from '../../../../models/errors.ts';
import { readImageHeader } from '../../../../models/encoders/image-input/image-header.ts';
import { toPixels } from '../../../../models/encoders/image-input/to-pixels.ts';
import { gradient, meanDifference, picture } from './pictures.ts';

const AREA = { size: 64, fit: 'cover', filter: 'area' } as const;

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await toPixels({ kind: 'image', bytes }, AREA);
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function image(bytes: Uint8Array): Promise<Uint8Array> {
  return toPixels({ kind: 'image', bytes }, AREA);
}

describe('every path gives the same pixels', () => {
  // libjpeg-turbo's fast inverse DCT is darker by about 1 of 255 in red and blue; the rest is JPEG's own loss.
  it.each([
    ['PNG', 320, 240, (s: Sharp) => s.png(), 0],
    ['lossless WebP', 320, 240, (s: Sharp) => s.webp({ lossless: true }), 0],
    ['lossy WebP', 320, 240, (s: Sharp) => s.webp({ quality: 95 }), 2],
    ['JPEG 4:4:4', 320, 240, (s: Sharp) => s.jpeg({ quality: 97, chromaSubsampling: '4:4:4' }), 1.5],
    ['JPEG 4:2:0', 640, 480, (s: Sharp) => s.jpeg({ quality: 95 }), 1.5],
    ['progressive JPEG', 333, 251, (s: Sharp) => s.jpeg({ quality: 95, progressive: true }), 1.5],
    ['JPEG, shrunk on load', 1921, 1081, (s: Sharp) => s.jpeg({ quality: 95 }), 1.5],
    ['JPEG at the limit', 4096, 2160, (s: Sharp) => s.jpeg({ quality: 95 }), 1.5],
  ])('%s', async (_, width, height, encode, tolerance) => {
    const expected = await toPixels({ kind: 'rgb', width, height, data: gradient(width, height) }, AREA);
    const got = await image(await encode(picture(width, height)).toBuffer());
    expect(got).toHaveLength(64 * 64 * 3);
    expect(meanDifference(got, expected)).toBeLessThanOrEqual(tolerance);
  });

  it('calls at the same time do not mix their pixels', async () => {
    const files = await Promise.all(
      [0, 60, 120, 180, 240].map((v) =>
        sharp({ create: { width: 99, height: 70, channels: 3, background: { r: v, g: v, b: v } } })
          .jpeg()
          .toBuffer(),
      ),
    );
    const outs = await Promise.all(files.map(image));
    expect(outs.map((out) => Math.round((out[1000] as number) / 60))).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('colour layouts', () => {
  const grey = { create: { width: 40, height: 40, channels: 3, background: '#646464' } } as const;
  it.each([
    ['grey JPEG', () => sharp(grey).toColourspace('b-w').jpeg(), [100, 100, 100]],
    ['large grey JPEG', () => sharp(grey).resize(2000, 1500).toColourspace('b-w').jpeg(), [100, 100, 100]],
    ['grey PNG', () => sharp(grey).toColourspace('b-w').png(), [100, 100, 100]],
    ['palette PNG', () => sharp(grey).png({ palette: true }), [100, 100, 100]],
    ['16-bit PNG', () => sharp(grey).toColourspace('rgb16').png(), [100, 100, 100]],
    ['16-bit grey PNG', () => sharp(grey).toColourspace('grey16').png(), [100, 100, 100]],
    ['half transparent PNG on black', () => sharp(grey).ensureAlpha(0.5).png(), [50, 50, 50]],
    ['transparent WebP on black', () => sharp(grey).ensureAlpha(0).webp({ lossless: true }), [0, 0, 0]],
    ['one pixel', () => sharp(grey).resize(1, 1).png(), [100, 100, 100]],
    ['one pixel JPEG', () => sharp(grey).resize(1, 1).jpeg(), [100, 100, 100]],
    ['one row', () => sharp(grey).resize(4096, 1, { fit: 'fill' }).jpeg(), [100, 100, 100]],
    ['one column', () => sharp(grey).resize(1, 2160, { fit: 'fill' }).png(), [100, 100, 100]],
  ] as const)('%s', async (_, make, expected) => {
    const out = await image(await make().toBuffer());
    expect(out).toHaveLength(64 * 64 * 3);
    for (const [channel, value] of expected.entries()) {
      expect(Math.abs((out[channel] as number) - value)).toBeLessThanOrEqual(2);
      expect(Math.abs((out[64 * 32 * 3 + 96 + channel] as number) - value)).toBeLessThanOrEqual(2);
    }
  });

  it('CMYK JPEG, within what its conversion to ink and back loses', async () => {
    const out = await image(await sharp(grey).toColourspace('cmyk').jpeg({ quality: 97 }).toBuffer());
    for (const value of out) expect(Math.abs(value - 100)).toBeLessThanOrEqual(12);
  });

  it('the first frame of an animated WebP', async () => {
    const frames = Buffer.concat([Buffer.alloc(32 * 32 * 3, 200), Buffer.alloc(32 * 32 * 3, 10)]);
    const file = await sharp(frames, { raw: { width: 32, height: 64, channels: 3, pageHeight: 32 } })
      .webp({ lossless: true, delay: [100, 100] })
      .toBuffer();
    expect((await sharp(file, { pages: -1 }).metadata()).pages).toBe(2);
    expect(new Set(await image(file))).toEqual(new Set([200]));
  });
});

describe('Exif orientation stands the picture upright', () => {
  const cases = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((orientation) => [
    ['jpeg', orientation] as const,
    ['png', orientation] as const,
    ['webp', orientation] as const,
  ]);
  it.each(cases)('%s %i', async (format, orientation) => {
    const file = await picture(96, 96).withMetadata({ orientation }).toFormat(format, { quality: 97 }).toBuffer();
    const upright = await sharp(file).autoOrient().removeAlpha().raw().toBuffer();
    const expected = await toPixels({ kind: 'rgb', width: 96, height: 96, data: upright }, AREA);
    expect(meanDifference(await image(file), expected)).toBeLessThan(1.5);
  });
});

describe('bad input', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'image_format'],
    ['text', Buffer.from('hello there, this is not an image at all'), 'image_format'],
    ['GIF', Buffer.from('GIF89a\u0001\u0000\u0001\u0000\u0000\u0000\u0000;aaaaaaaaaaaa'), 'image_format'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'image_format'],
    ['a JPEG that ends after its magic', Buffer.from([0xff, 0xd8, 0xff]), 'image_corrupt'],
    ['a PNG that ends after its magic', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), 'image_corrupt'],
    ['a WebP that ends after its magic', Buffer.from('RIFF\u0000\u0000\u0000\u0000WEBP'), 'image_corrupt'],
  ])('%s', async (_, bytes, code) => {
    expect(await codeOf(bytes)).toBe(code);
  });

  it.each(['jpeg', 'png', 'webp'] as const)('%s cut at any place', async (format) => {
    const file = await picture(64, 48).toFormat(format, { quality: 80 }).toBuffer();
    expect(await codeOf(file)).toBe('ok');
    for (const share of [0.3, 0.5, 0.7, 0.9, 0.97])
      expect([share, await codeOf(file.subarray(0, file.length * share))]).toEqual([share, 'image_corrupt']);
  });

  it.each(['jpeg', 'png', 'webp'] as const)('%s over the limit is refused from its header alone', async (format) => {
    const plain = (width: number, height: number): Promise<Buffer> =>
      sharp({ create: { width, height, channels: 3, background: '#123' } })
        .toFormat(format)
        .toBuffer();
    const wide = await plain(4097, 2);
    expect(await codeOf(wide)).toBe('image_too_large');
    expect(await codeOf(await plain(2, 4097))).toBe('image_too_large');
    expect(await codeOf(await plain(2161, 2161))).toBe('image_too_large');
    expect(await codeOf(await plain(2, 4096))).not.toBe('image_too_large');
    const broken = wide.fill(0x55, Math.min(700, Math.floor(wide.length * 0.7)));
    expect(await codeOf(broken)).toBe('image_too_large');
  });

  it.each([
    ['Huffman', 0xc2],
    ['arithmetic', 0xca],
  ])('a JPEG with hundreds of scans is refused before it is decoded: %s coding', async (_, frame) => {
    const file = await picture(64, 48).jpeg({ progressive: true }).toBuffer();
    file[file.indexOf(Buffer.from([0xff, 0xc2])) + 1] = frame;
    expect(readImageHeader(file)).toMatchObject({ scales: false });
    const scan = file.subarray(file.lastIndexOf(Buffer.from([0xff, 0xda])), -2);
    const bomb = Buffer.concat([file.subarray(0, -2), ...Array.from({ length: 200 }, () => scan), file.subarray(-2)]);
    await expect(image(bomb)).rejects.toThrow('too many JPEG scans');
  });

  it('fill bytes between the segments of a JPEG are passed over', async () => {
    const file = await picture(64, 48).jpeg().toBuffer();
    const filled = Buffer.concat([file.subarray(0, 2), Buffer.alloc(100_000, 0xff), file.subarray(2)]);
    expect(await image(filled)).toEqual(await image(file));
  });

  it.each([
    ['too few bytes', 4, 4, 47, 'image_corrupt'],
    ['no pixels', 0, 4, 0, 'image_corrupt'],
    ['too wide', 5000, 1, 15000, 'image_too_large'],
    ['not whole', 1.5, 2, 9, 'image_corrupt'],
  ])('raw rows: %s', async (_, width, height, length, code) => {
    const input = { kind: 'rgb', width, height, data: new Uint8Array(length) } as const;
    await expect(toPixels(input, AREA)).rejects.toSatisfy((error) => hasCode(error, code));
  });

  it('the caller`s limits count', async () => {
    const bytes = await picture(64, 48).jpeg().toBuffer();
    const limited = toPixels({ kind: 'image', bytes }, AREA, { maxWidth: 64, maxHeight: 47 });
    await expect(limited).rejects.toSatisfy((error) => hasCode(error, 'image_too_large'));
  });
});
