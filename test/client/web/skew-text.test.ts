import { expect, test } from 'vitest';
import { skewText } from '../../../client/web/src/view/skew-text.ts';

test.each([
  [null, 'unknown'],
  [-340.4, '340 ms behind'],
  [200, '200 ms ahead'],
  [-0.3, 'together'],
])('captions that end %s ms after the newest frame are %s', (skewMs, text) => {
  expect(skewText(skewMs)).toBe(text);
});
