import { describe, expect, it } from 'vitest';
import { MediaClock } from '../../pipeline/media-clock.ts';
import { settingsFor } from '../../pipeline/settings.ts';
import { fakeModel } from '../support/fake-model.ts';

function live(startMs = 0) {
  const wall = { ms: startMs };
  const settings = settingsFor(fakeModel().info, { mode: 'live' });
  const media = new MediaClock(settings, { now: () => wall.ms, schedule: () => () => undefined });
  media.observe(0);
  return { media, wall };
}

describe('media time waits for late frames', () => {
  it.each([
    ['where there are no captions', () => undefined, 57_000],
    ['not while captions come at their end', (media: MediaClock, ms: number) => media.noteSaid(ms - 900, ms), 60_000],
    ['not while cues come at their start', (media: MediaClock, ms: number) => media.noteSaid(ms, ms + 2000), 60_000],
    [
      'where cues come as late, before their end',
      (media: MediaClock, ms: number) => media.noteSaid(ms - 3000, ms + 2000),
      57_000,
    ],
  ])('%s', (_, say, expected) => {
    const { media, wall } = live();
    for (let ms = 250; ms <= 60_000; ms += 250) {
      wall.ms = ms;
      media.noteFrame(Math.max(0, ms - 3000));
      if (ms % 5000 === 0) say(media, media.nowMs());
    }
    expect(media.nowMs()).toBe(expected);
  });

  it('not before 10 s have passed since the first media', () => {
    const { media, wall } = live(500_000);
    wall.ms += 1000;
    media.noteFrame(0);
    wall.ms += 1000;
    expect(media.nowMs()).toBe(2000);
  });
});

describe('inputs far ahead', () => {
  it('of each other, too, move nothing', () => {
    const { media, wall } = live();
    const taken = [3_600_000, 7_200_000, 10_800_000, 14_400_000].map((mediaMs) => {
      wall.ms += 12_000;
      return media.accepts(mediaMs);
    });
    expect(taken).toEqual([false, false, false, false]);
    expect(media.accepts(wall.ms)).toBe(true);
  });

  it('on one clock are taken in after 10 s', () => {
    const { media, wall } = live();
    const taken = [0, 4000, 8000, 12_000].map((afterMs) => {
      wall.ms = afterMs;
      return media.accepts(3_600_000 + afterMs);
    });
    expect(taken).toEqual([false, false, false, true]);
  });
});
