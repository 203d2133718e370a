import { expect, it } from 'vitest';
import { captionsEndMs } from '../../../pipeline/replay/captions-end.ts';

it('is the latest end, 0 without captions, and takes a day of single words', () => {
  expect(captionsEndMs([])).toBe(0);
  expect(captionsEndMs([{ end_ms: 900 }, { end_ms: 300 }])).toBe(900);
  expect(captionsEndMs(Array.from({ length: 400_000 }, (_, i) => ({ end_ms: 200 * i })))).toBe(79_999_800);
});
