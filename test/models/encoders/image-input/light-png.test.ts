import sharp from 'sharp';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../../../../models/errors.ts';
import { lightPng } from '../../../../models/encoders/image-input/light-png.ts';

const picture = sharp({ create: { width: 61, height: 37, channels: 3, background: '#a52' } });

/** A chunk whose checksum is left at 0. */
function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

const HEADER_BYTES = 33;
const zeros = deflateSync(Buffer.alloc(1_000_000));

describe('a PNG', () => {
  test('loses what is compressed and of no use, and keeps its pixels', async () => {
    const png = await picture.png().toBuffer();
    const texts = ['iCCP', 'zTXt', 'iTXt'].map((type) => chunk(type, zeros));
    const heavy = Buffer.concat([png.subarray(0, HEADER_BYTES), ...texts, png.subarray(HEADER_BYTES)]);
    expect(Buffer.from(lightPng(heavy)).equals(png)).toBe(true);
  });

  test.each([
    ['of one bit', () => picture.clone().png({ palette: true, colours: 2 })],
    ['interlaced', () => picture.clone().png({ progressive: true })],
    ['interlaced, one pixel wide', () => picture.clone().resize(1, 37).png({ progressive: true })],
    ['of 16 bits, with alpha', () => picture.clone().ensureAlpha(0.5).toColourspace('rgb16').png()],
  ])('%s stays as it is', async (_name, make) => {
    const png = await make().toBuffer();
    expect(Buffer.from(lightPng(png)).equals(png)).toBe(true);
    expect(Buffer.from(lightPng(png.subarray(0, -20))).equals(png.subarray(0, -20))).toBe(true);
  });

  test('with more data than pixels is corrupt', async () => {
    const png = await picture.png().toBuffer();
    const bomb = Buffer.concat([png.subarray(0, HEADER_BYTES), chunk('IDAT', zeros), chunk('IEND', Buffer.alloc(0))]);
    expect(() => lightPng(bomb)).toThrow(expect.toSatisfy((error) => hasCode(error, 'image_corrupt')));
  });
});
