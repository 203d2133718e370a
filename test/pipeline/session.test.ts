import { describe, expect, it } from 'vitest';
import { openSession } from '../../pipeline/session.ts';
import { fakeImage, fakeModel } from '../support/fake-model.ts';
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
});
