import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../../pipeline/context.ts';
import { TextCache } from '../../../pipeline/memory/text-cache.ts';
import { pipeline } from '../../../pipeline/pipeline.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { caption, frame } from '../../support/scenario.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import type { Arrival } from '../../../pipeline/events.ts';

describe('texts', () => {
  const cache = (): { texts: TextCache; asked: string[] } => {
    const model = fakeModel();
    const asked: string[] = [];
    const texts = new TextCache((text) => {
      asked.push(text);
      return model.encode('text', { kind: 'text', text });
    });
    return { texts, asked };
  };

  it('are kept for as long as windows ask for them', async () => {
    const { texts, asked } = cache();
    for (const ptsMs of [1000, 2000, 1500]) await texts.get('old', ptsMs);
    await texts.get('older', 1000);
    texts.prune(2000);
    await texts.get('old', 3000);
    expect(asked).toEqual(['old', 'older']);
    await texts.get('older', 3000);
    expect(asked).toEqual(['old', 'older', 'older']);
    texts.prune(3001);
    await texts.get('old', 4000);
    expect(asked).toEqual(['old', 'older', 'older', 'old']);
  });

  it('that fail ahead of time are asked for again', async () => {
    const asked: string[] = [];
    const texts = new TextCache((text) => {
      asked.push(text);
      return Promise.reject(new Error('no'));
    });
    texts.ahead('a', 0);
    await expect(texts.get('a', 0)).rejects.toThrow('no');
    await expect(texts.get('a', 0)).rejects.toThrow('no');
    expect(asked).toEqual(['a', 'a']);
  });
});

it('a live session keeps no words and no picture after a minute without any', async () => {
  const clock = virtualClock();
  const model = fakeModel({ clock });
  const context = createContext(model, { mode: 'live', clock });
  const arrivals = new Subject<Arrival>();
  const settled = (): void => undefined;
  pipeline(arrivals, context).subscribe();
  const said = caption('a', 'words', [0, 500]);
  if (said.kind !== 'caption') throw new TypeError('no caption');
  arrivals.next({ kind: 'frame', frame: frame(0, 0), arrivedMs: 0, frozen: false, lost: null, settled });
  arrivals.next({ ...said, arrivedMs: 0, frozen: false, lost: false, settled });
  await clock.advance(1000);
  const kept = (): unknown[] => [
    context.captions.captions.length,
    context.repeatable.image.value,
    context.repeatable.text.value,
  ];
  const texts = (): number => model.encoded.filter(({ modality }) => modality === 'text').length;
  expect([texts(), ...kept()]).toEqual([1, 1, frame(0, 0).image, 'words']);
  await clock.advance(60_000);
  expect([texts(), ...kept()]).toEqual([1, 0, null, null]);
  await context.texts.get('words', 60_000);
  expect(texts()).toBe(2);
  arrivals.complete();
  await clock.advance(1000);
  expect(clock.pending()).toBe(0);
});
