import { expect, it } from 'vitest';
import { frameInterval } from '../../pipeline/replay/feed.ts';
import { settingsFor } from '../../pipeline/settings.ts';
import { fakeModel } from '../support/fake-model.ts';

it('of several that take images frames feed `video`, live and in a replay', () => {
  const { info } = fakeModel({
    modalities: [
      { name: 'screen', kind: 'image', slots: 2 },
      { name: 'video', kind: 'image', slots: 40 },
    ],
  });
  expect(settingsFor(info, { mode: 'live' })).toMatchObject({ frameModality: 'video', decimateMs: 50 });
  expect(frameInterval(info, 1000)).toBe(100);
});
