import { beforeAll, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { UndertoneError } from '../../../../models/errors.ts';
import { toPixels } from '../../../../models/encoders/image-input/to-pixels.ts';
import { picture } from './pictures.ts';

const AREA = { size: 16, fit: 'cover', filter: 'area' } as const;
const LIMITS = { maxWidth: 512, maxHeight: 512 };
const ALLOWED = ['pixels', 'image_format', 'image_too_large', 'image_corrupt'];

/** 'pixels', the code of an UndertoneError, or whatever else came out. */
async function outcome(bytes: Uint8Array): Promise<unknown> {
  try {
    const pixels = await toPixels({ kind: 'image', bytes }, AREA, LIMITS);
    return pixels.length === 16 * 16 * 3 ? 'pixels' : pixels.length;
  } catch (error) {
    return error instanceof UndertoneError ? error.code : error;
  }
}

function base(): ReturnType<typeof picture> {
  return picture(40, 32);
}

const seeds: Record<string, Buffer> = {};
const NAMES = ['jpeg', 'progressive', 'cmyk', 'exif', 'png', 'interlaced', 'webp', 'lossless'] as const;

beforeAll(async () => {
  seeds['jpeg'] = await base().jpeg({ quality: 60 }).toBuffer();
  seeds['progressive'] = await base().jpeg({ quality: 60, progressive: true }).toBuffer();
  seeds['cmyk'] = await base().toColourspace('cmyk').jpeg({ quality: 60 }).toBuffer();
  seeds['exif'] = await base().withMetadata({ orientation: 6 }).jpeg({ quality: 60 }).toBuffer();
  seeds['png'] = await base().png({ palette: true }).toBuffer();
  seeds['interlaced'] = await base().ensureAlpha(0.4).png({ progressive: true }).toBuffer();
  seeds['webp'] = await base().webp({ quality: 40 }).toBuffer();
  seeds['lossless'] = await base().ensureAlpha(0.4).webp({ lossless: true }).toBuffer();
});

describe('bytes from strangers', () => {
  it('random bytes behind each magic', async () => {
    const magic = fc.constantFrom<readonly number[]>(
      [],
      [0xff, 0xd8, 0xff],
      [0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0, 32, 0, 40, 3],
      [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 9, 0, 0, 0, 9],
      [...Buffer.from('RIFF\u0040\u0000\u0000\u0000WEBPVP8X\u000a\u0000\u0000\u0000')],
      [...Buffer.from('RIFF\u0040\u0000\u0000\u0000WEBPVP8L')],
    );
    await fc.assert(
      fc.asyncProperty(magic, fc.uint8Array({ maxLength: 300 }), async (head, tail) => {
        expect(ALLOWED).toContain(await outcome(Uint8Array.from([...head, ...tail])));
      }),
      { numRuns: 400 },
    );
  });

  it.each(NAMES)('%s with bytes changed, cut out and put in', async (name) => {
    const file = seeds[name] as Buffer;
    const edit = fc.record({
      // Half of the edits hit the headers, where they do most.
      at: fc.oneof(fc.nat(80), fc.nat(file.length - 1)),
      remove: fc.constantFrom(0, 1, 1, 1, 2, 9),
      insert: fc.uint8Array({ maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (edits) => {
        let bytes = [...file];
        for (const { at, remove, insert } of edits) bytes = bytes.toSpliced(at, remove, ...insert);
        expect(ALLOWED).toContain(await outcome(Uint8Array.from(bytes)));
      }),
      { numRuns: 150 },
    );
  });
});
