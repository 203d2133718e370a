import { describe, expect, it } from 'vitest';
import { openSession } from '../../pipeline/session.ts';
import { facelessImage, fakeImage, fakeModel } from '../support/fake-model.ts';
import { settle, virtualClock } from '../support/virtual-clock.ts';
import type { PipelineOutput } from '../../pipeline/frames.ts';
import type { SentimentResult } from '../../pipeline/protocol/index.ts';

const results = (outputs: PipelineOutput[]): SentimentResult[] =>
  outputs.filter((output): output is SentimentResult => output.type === 'sentiment.result');

describe('a session', () => {
  it('replays six seconds at 4 frames/s into one prediction per hop', async () => {
    const session = openSession(fakeModel(), { mode: 'replay' });
    const outputs: PipelineOutput[] = [];
    session.outputs.subscribe((output) => outputs.push(output));
    for (let seq = 0; seq < 24; seq++)
      await session.push({ kind: 'frame', seq, ptsMs: seq * 250, image: fakeImage(seq) });
    await session.finalize(6000);
    expect(results(outputs).map((result) => result.pts_ms)).toEqual(
      Array.from({ length: 24 }, (_, i) => 250 * (i + 1)),
    );
    const totals = await session.close();
    expect(totals.frames).toEqual({ received: 24, encoded: 24, in_flight: 0, dropped: {} });
  });

  it('follows the wall clock live', async () => {
    const clock = virtualClock(5);
    const model = fakeModel({ clock });
    model.encodeMs = 30;
    model.predictMs = 5;
    const session = openSession(model, { mode: 'live', clock });
    const outputs: PipelineOutput[] = [];
    session.outputs.subscribe((output) => outputs.push(output));
    for (let seq = 0; seq < 40; seq++) {
      void session.push({ kind: 'frame', seq, ptsMs: seq * 250, image: fakeImage(seq) });
      await clock.advance(250);
    }
    await clock.advance(6000);
    await session.close();
    await settle();
    expect(results(outputs).map((result) => result.pts_ms)).toEqual(
      Array.from({ length: 64 }, (_, i) => 250 * (i + 1)),
    );
    expect(clock.pending()).toBe(0);
  });

  it('waits for the frame of a hop where frames are encoded in time, and else does not wait in vain', async () => {
    const clock = virtualClock(5);
    const model = fakeModel({ clock });
    const session = openSession(model, { mode: 'live', clock });
    const lateBy: [ptsMs: number, ms: number][] = [];
    session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.result') lateBy.push([output.pts_ms, clock.now() - 5 - output.pts_ms]);
    });
    for (let seq = 0; seq < 32; seq++) {
      model.queueMs = seq >= 8 && seq < 16 ? 160 : 60;
      const image = seq < 24 ? fakeImage(seq) : facelessImage();
      void session.push({ kind: 'frame', seq, ptsMs: seq * 250, image });
      await clock.advance(250);
    }
    await session.close();
    const of = (fromMs: number, untilMs: number): number[] =>
      lateBy.filter(([ptsMs]) => ptsMs >= fromMs && ptsMs < untilMs).map(([, ms]) => ms);
    expect(of(250, 2000)).toEqual([60, 60, 60, 60, 60, 60, 60]);
    // The first slow frame is waited for as long as any; the one that is fast again is known when it is there.
    expect(of(2000, 2250)).toEqual([138]);
    expect(of(2250, 4250)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(of(4250, 6000)).toEqual([60, 60, 60, 60, 60, 60, 60]);
    // A frame in which no face is seen is waited for no longer than that takes.
    expect(of(6000, 8000)).toEqual([60, 60, 60, 60, 60, 60, 60, 60]);
  });
});
