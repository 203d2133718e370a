import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCaptions } from '../../../pipeline/replay/read-captions.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-captions-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const TIME = '1\n00:00:01,000 --> 00:00:02,000\n';
const TEXT = `${TIME}Café – naïve 一\n`;
const utf16 = Buffer.from(`\uFEFF${TEXT}`, 'utf16le');

describe('the encoding is told from the bytes', () => {
  test.each<[name: string, bytes: Buffer, warnings: number, text?: string]>([
    ['UTF-8', Buffer.from(TEXT), 0],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`), 0],
    ['UTF-16 LE', utf16, 0],
    ['UTF-16 BE', Buffer.from(utf16).swap16(), 0],
    ['UTF-16 LE without a mark', Buffer.from(TEXT, 'utf16le'), 1],
    ['UTF-16 BE without a mark', Buffer.from(TEXT, 'utf16le').swap16(), 1],
    ['UTF-8 with zero bytes', Buffer.from(`${'\0'.repeat(3)}\n\n${TEXT}`), 1],
    ['UTF-8 cut in a character', Buffer.from(TEXT).subarray(0, -2), 1, 'Café – naïve \uFFFD'],
    ['UTF-8 with a broken byte', Buffer.from(TEXT).fill(0x96, 32, 33), 1, '\uFFFDafé – naïve 一'],
    ['UTF-8 with a mark and a broken byte', Buffer.from(`\u00ef\u00bb\u00bf${TIME}\u0096`, 'latin1'), 1, '\uFFFD'],
    ['Windows-1252 like UTF-8 by chance', Buffer.from(`${TIME}\u0093Spa\u00df\u0094`, 'latin1'), 1, '“Spaß”'],
    ['Windows-1252', Buffer.from(TEXT.replace('–', '\u0096').replace('一', '\u0097'), 'latin1'), 1, 'Café – naïve —'],
  ])('%s', async (name, bytes, warnings, text = 'Café – naïve 一') => {
    const file = join(folder, `${name}.srt`);
    await writeFile(file, bytes);
    const parsed = await readCaptions(file);
    expect(parsed.segments.map((segment) => segment.text)).toEqual([text]);
    expect(parsed.warnings.length).toBe(warnings);
  });
});

describe('failures', () => {
  test('a missing file, a folder', async () => {
    await expect(readCaptions(join(folder, 'none.srt'))).rejects.toMatchObject({ code: 'captions_not_found' });
    await expect(readCaptions(folder)).rejects.toMatchObject({ code: 'captions_not_found' });
  });

  test('a file over the limit', async () => {
    const file = join(folder, 'long.srt');
    await writeFile(file, TEXT);
    const size = Buffer.byteLength(TEXT);
    await expect(readCaptions(file, size - 1)).rejects.toMatchObject({ code: 'captions_unreadable' });
    await expect(readCaptions(file, size)).resolves.toMatchObject({ warnings: [] });
  });

  // Reading it fails for everybody, as reading without permission does for all but root.
  const unreadable = '/proc/self/mem';
  test.skipIf(!existsSync(unreadable))('a file that cannot be read', async () => {
    await expect(readCaptions(unreadable)).rejects.toMatchObject({
      code: 'captions_unreadable',
      message: expect.stringMatching(/^\/proc\/self\/mem cannot be read \(EIO\); /),
    });
  });

  test('a file that is no captions', async () => {
    const file = join(folder, 'video.vtt');
    await writeFile(
      file,
      Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 256),
    );
    await expect(readCaptions(file)).rejects.toMatchObject({
      code: 'captions_unreadable',
      message: expect.stringContaining(`${file}: captions have no readable cue, line `),
    });
  });
});
