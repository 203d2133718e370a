import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../pipeline/session.ts';
import { fakeImage, fakeModel } from '../support/fake-model.ts';
import { caption } from '../support/scenario.ts';
import { virtualClock } from '../support/virtual-clock.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapMiB(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

describe('an hour of media', () => {
  it('live: a result per hop, exact accounts, and no memory that grows', { timeout: 300_000 }, async () => {
    const clock = virtualClock();
    const model = fakeModel({ clock, dimension: 64 });
    model.encodeMs = 30;
    model.predictMs = 10;
    const session = openSession(model, { mode: 'live', clock });
    const seen = { results: 0, revised: 0, lastMs: 0, unordered: 0 };
    session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.revised') seen.revised++;
      if (output.type !== 'sentiment.result') return;
      if (output.pts_ms !== seen.lastMs + 250) seen.unordered++;
      seen.lastMs = output.pts_ms;
      seen.results++;
    });
    const heaps: number[] = [];
    for (let second = 0; second < 3600; second++) {
      for (let quarter = 0; quarter < 4; quarter++) {
        const ptsMs = second * 1000 + quarter * 250;
        const outage = second % 60 >= 50;
        if (!outage) void session.push({ kind: 'frame', seq: ptsMs / 250, ptsMs, image: fakeImage(ptsMs) });
        if (quarter === 2)
          void session.push(caption(`${second}`, `so ${second}`, [Math.max(0, ptsMs - 1400), ptsMs - 400]));
        await clock.advance(250);
      }
      if (second % 900 === 899) heaps.push(heapMiB());
    }
    const totals = await Promise.all([session.close(), clock.advance(1000)]).then(([closed]) => closed);
    expect(seen).toMatchObject({ results: 14_400, unordered: 0 });
    expect(seen.revised).toBeGreaterThan(3000);
    expect(totals.frames).toEqual({ received: 12_000, encoded: 12_000, in_flight: 0, dropped: {} });
    expect(totals.captions).toBe(3600);
    const [first = 0, ...later] = heaps;
    expect(Math.max(...later) - first).toBeLessThan(2);
  });
});
