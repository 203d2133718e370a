import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readImages } from '../../../training/datasets/read-image.ts';

it('hears an interruption while images that decode at once are read', async () => {
  const stop = new AbortController();
  let read = 0;
  const reading = readImages(
    Array.from({ length: 10_000 }, (_, i) => i),
    {
      nameOf: String,
      read: () => ++read,
      signal: stop.signal,
    },
  );
  await nextTurn();
  stop.abort(new Error('stopped'));
  await expect(reading).rejects.toThrow('stopped');
  expect(read).toBeLessThan(10_000);
});
