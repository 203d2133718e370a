import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../pipeline/session.ts';
import { corruptImage, fakeImage, fakeModel } from '../support/fake-model.ts';
import { caption, complaint } from '../support/scenario.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import type { PipelineInput, PipelineOutput } from '../../pipeline/frames.ts';
import type { SentimentResult, SentimentRevised, SessionTotals } from '../../pipeline/protocol/index.ts';
import type { FakeModel } from '../support/fake-model.ts';

type Step = { readonly waitMs: number } | { readonly input: PipelineInput } | { readonly model: Partial<FakeModel> };

const timeMs = fc.integer({ min: 0, max: 15_000 });
const wait = fc.record({ waitMs: fc.integer({ min: 0, max: 1500 }) });
const frameStep = fc.tuple(timeMs, fc.nat({ max: 20 })).map(([ptsMs, n]): Step => ({
  input: { kind: 'frame', seq: n, ptsMs, image: n === 0 ? corruptImage() : fakeImage(n) },
}));
const captionStep = fc
  .tuple(timeMs, fc.nat({ max: 3000 }), fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 4 }), fc.boolean())
  .map(([startMs, forMs, id, revision, isFinal]): Step => {
    const text = revision === 0 ? '' : `${id} ${revision}`;
    return { input: caption(id, text, [startMs, startMs + forMs], { revision, isFinal }) };
  });
const lossStep = fc
  .record({
    rate: fc.constantFrom(0, 0.5, 1),
    burst_ms: fc.constantFrom(0, 400),
    delay_ms: fc.constantFrom(0, 700),
    freeze: fc.boolean(),
    seed: fc.nat({ max: 3 }),
  })
  .chain((loss) =>
    fc.tuple(fc.constantFrom('video', 'text', 'audio'), fc.option(fc.constant(loss)), fc.boolean(), fc.boolean()),
  )
  .map(([modality, loss, withLoss, paused]): Step => ({
    input: { kind: 'modality', modality, ...(withLoss ? { loss } : { state: paused ? 'paused' : 'active' }) },
  }));
const modelStep = fc
  .record({ encodeMs: fc.constantFrom(0, 40, 700), predictMs: fc.constantFrom(0, 15) })
  .map((model): Step => ({ model }));
const keepaliveStep = fc.constant<Step>({ input: { kind: 'keepalive' } });

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: wait },
    { weight: 8, arbitrary: frameStep },
    { weight: 4, arbitrary: captionStep },
    { weight: 1, arbitrary: lossStep },
    { weight: 1, arbitrary: modelStep },
    { weight: 1, arbitrary: keepaliveStep },
  ),
  { maxLength: 60 },
);

interface Run {
  readonly outputs: readonly PipelineOutput[];
  readonly totals: SessionTotals;
  readonly unsettled: number;
  readonly timersLeft: number;
}

async function run(mode: 'live' | 'replay', sequence: readonly Step[], aligned: boolean): Promise<Run> {
  const clock = virtualClock();
  const model = fakeModel({ clock });
  const session = openSession(model, { mode, clock });
  const outputs: PipelineOutput[] = [];
  session.outputs.subscribe((output) => outputs.push(output));
  let unsettled = 0;
  for (const step of sequence) {
    if ('waitMs' in step) await clock.advance(step.waitMs);
    else if ('model' in step) Object.assign(model, step.model);
    else {
      const onTime = aligned && step.input.kind === 'frame' ? { ...step.input, ptsMs: clock.now() } : step.input;
      unsettled++;
      void session.push(onTime).then(() => unsettled--);
    }
  }
  const closing = session.close();
  await clock.advance(60_000);
  return { outputs, totals: await closing, unsettled, timersLeft: clock.pending() };
}

const isResult = (output: PipelineOutput): output is SentimentResult => output.type === 'sentiment.result';
const isRevised = (output: PipelineOutput): output is SentimentRevised => output.type === 'sentiment.revised';

const said = ({ score, label, probs, emotions, confidence }: SentimentResult | SentimentRevised): unknown[] => [
  score,
  label,
  probs,
  emotions,
  confidence,
];
/** The results but for their latency. */
const told = ({ outputs }: Run): unknown[] => outputs.filter(isResult).map((result) => ({ ...result, latency_ms: 0 }));

/** Everything that must hold of any run; the names of what does not. */
function violations({ outputs, totals, unsettled, timersLeft }: Run): string[] {
  const results = outputs.filter(isResult);
  const bodies = outputs.filter((output) => isResult(output) || isRevised(output));
  const bySeq = new Map(bodies.map((body) => [body.seq, body]));
  const { received, encoded, in_flight: inFlight, dropped } = totals.frames;
  const checks: Record<string, boolean> = {
    'every output is of the protocol': outputs.every((output) => complaint(output) === null),
    'frames add up':
      inFlight === 0 && received === encoded + Object.values(dropped).reduce((sum, count) => sum + count, 0),
    'one result per hop': results.every(
      (result, i) => i === 0 || result.pts_ms === (results[i - 1]?.pts_ms ?? 0) + 250,
    ),
    'results are numbered without gaps': bodies.every((body, i) => body.seq === i),
    'totals count results': totals.results === results.length && totals.revisions === outputs.filter(isRevised).length,
    'a score exactly when something was observed': bodies.every((body) =>
      said(body).every((value) => (value === null) === (body.state === 'insufficient')),
    ),
    'insufficient exactly when nothing was observed': bodies.every(
      (body) =>
        (body.state === 'insufficient') === Object.values(body.modalities).every(({ source }) => source === 'absent'),
    ),
    'ok exactly when everything was observed': bodies.every(
      (body) => (body.state === 'ok') === Object.values(body.modalities).every(({ coverage }) => coverage === 1),
    ),
    'what is missing has a cause': bodies.every((body) =>
      Object.values(body.modalities).every(({ coverage, cause }) => coverage === 1 || cause !== null),
    ),
    'probabilities sum to one': bodies.every(
      ({ probs }) => probs === null || Math.abs(Object.values(probs).reduce((sum, p) => sum + p, 0) - 1) < 2e-6,
    ),
    'a revision supersedes an earlier result of its window': outputs
      .filter(isRevised)
      .every(({ seq, supersedes, pts_ms: ptsMs }) => supersedes < seq && bySeq.get(supersedes)?.pts_ms === ptsMs),
    'changes are changes': ['video', 'text'].every((modality) => {
      const states = outputs.flatMap((output) =>
        output.type === 'modality.state' && output.modality === modality ? [`${output.state} ${output.cause}`] : [],
      );
      return states.every((state, i) => i === 0 || state !== states[i - 1]);
    }),
    'every input settles': unsettled === 0,
    'no timer is left': timersLeft === 0,
  };
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [name]));
}

describe('any sequence of inputs', () => {
  it.each([
    ['live', true],
    ['live', false],
    ['replay', false],
  ] as const)('%s, frames on time: %s', async (mode, aligned) => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        expect(violations(await run(mode, sequence, aligned))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });
});

describe('a replay', () => {
  it('comes out the same however its inputs are grouped and however long the model takes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(0, 30, 300), async (sequence, latencyMs) => {
        const inputs = sequence.filter((step) => 'input' in step);
        const slow: Step = { model: { encodeMs: latencyMs, predictMs: latencyMs / 2 } };
        const spread = inputs.flatMap((step): Step[] => [step, { waitMs: 2000 }]);
        expect(told(await run('replay', [slow, ...inputs], false))).toEqual(told(await run('replay', spread, false)));
      }),
      { numRuns: 40 },
    );
  });
});
