import { openSession } from '../../pipeline/session.ts';
import { ServerMessage } from '../../pipeline/protocol/index.ts';
import { fakeImage, fakeModel } from './fake-model.ts';
import { virtualClock } from './virtual-clock.ts';
import type {
  Metrics,
  ModalityReunion,
  ModalityState,
  SentimentResult,
  SentimentRevised,
  SessionTotals,
} from '../../pipeline/protocol/index.ts';
import type { FrameInput, PipelineInput, PipelineOutput, Problem, SessionOptions } from '../../pipeline/frames.ts';
import type { FakeModel, FakeModelOptions } from './fake-model.ts';

/** What happens when, in milliseconds of media time. */
export interface Script {
  /** Frames flow from, to (not included); every 250 ms unless `frameMs` says otherwise. */
  readonly video?: readonly (readonly [number, number])[];
  readonly frameMs?: number;
  /** Captions: start, end, text; each a final one of its own segment; it arrives as it ends. */
  readonly captions?: readonly (readonly [number, number, string])[];
  /** Anything else, at its time. */
  readonly inputs?: readonly (readonly [number, PipelineInput])[];
  /** Changes to the model, at their time. */
  readonly model?: readonly (readonly [number, (model: FakeModel) => void])[];
  readonly untilMs: number;
}

export interface Played {
  readonly outputs: readonly PipelineOutput[];
  readonly results: readonly SentimentResult[];
  readonly revised: readonly SentimentRevised[];
  readonly states: readonly ModalityState[];
  readonly reunions: readonly ModalityReunion[];
  readonly problems: readonly Problem[];
  readonly metrics: readonly Metrics[];
  readonly totals: SessionTotals;
  readonly model: FakeModel;
  /** Timers left over after closing. */
  readonly timersLeft: number;
}

export function frame(seq: number, ptsMs: number, image: FrameInput['image'] = fakeImage(seq)): FrameInput {
  return { kind: 'frame', seq, ptsMs, image };
}

export function caption(
  id: string,
  text: string,
  [startMs, endMs]: readonly [number, number],
  { revision = 0, isFinal = true }: { revision?: number; isFinal?: boolean } = {},
): PipelineInput {
  return {
    kind: 'caption',
    caption: { type: 'caption', segment_id: id, revision, text, is_final: isFinal, start_ms: startMs, end_ms: endMs },
  };
}

/** One caption a second without a pause between them. */
export function talk(fromMs: number, toMs: number): [number, number, string][] {
  const captions: [number, number, string][] = [];
  for (let ms = fromMs; ms + 1000 <= toMs; ms += 1000) captions.push([ms, ms + 1000, `words at ${ms}`]);
  return captions;
}

/** Plays a script through a session with a fake model and closes it; live on a virtual clock. */
export async function play(
  script: Script,
  options: Omit<SessionOptions, 'clock'>,
  modelOptions: FakeModelOptions = {},
  prepare: (model: FakeModel) => void = () => undefined,
): Promise<Played> {
  const clock = virtualClock(1000);
  const model = fakeModel({ clock, ...modelOptions });
  prepare(model);
  const session = openSession(model, { ...options, clock });
  const outputs: PipelineOutput[] = [];
  session.outputs.subscribe((output) => outputs.push(output));

  const startMs = clock.now();
  for (const [atMs, action] of actionsOf(script, options.mode)) {
    if (options.mode === 'live') await clock.advance(startMs + atMs - clock.now());
    if (typeof action === 'function') action(model);
    else {
      const pushed = session.push(action);
      if (options.mode === 'replay') await withClock(clock, pushed);
    }
  }
  if (options.mode === 'live') await clock.advance(startMs + script.untilMs - clock.now() + 200);
  else await withClock(clock, session.finalize(script.untilMs));
  const totals = await withClock(clock, session.close());
  const ofType = <T extends PipelineOutput['type']>(...types: T[]): Extract<PipelineOutput, { type: T }>[] =>
    outputs.filter((output): output is Extract<PipelineOutput, { type: T }> => types.includes(output.type as T));
  return {
    outputs,
    results: ofType('sentiment.result'),
    revised: ofType('sentiment.revised'),
    states: ofType('modality.state'),
    reunions: ofType('modality.reunion'),
    problems: ofType('warning', 'error'),
    metrics: ofType('metrics'),
    totals,
    model,
    timersLeft: clock.pending(),
  };
}

/** Waits for a promise that may need the model's time to pass. */
async function withClock<T>(clock: ReturnType<typeof virtualClock>, promise: Promise<T>): Promise<T> {
  const state = { done: false };
  const waiting = promise.finally(() => (state.done = true));
  for (let i = 0; i < 10_000 && !state.done; i++) await clock.advance(i === 0 ? 0 : 10);
  return waiting;
}

type Action = readonly [number, PipelineInput | ((model: FakeModel) => void)];

/**
 * Everything in the order of time; at one time the model first, then inputs, frames and captions. Live captions come
 * 50 ms before their end, so that no test depends on what comes first within a millisecond.
 */
function actionsOf(script: Script, mode: SessionOptions['mode']): Action[] {
  let seq = 0;
  const frames = (script.video ?? []).flatMap(([fromMs, toMs]) => {
    const flow: Action[] = [];
    for (let ms = fromMs; ms < toMs; ms += script.frameMs ?? 250) flow.push([ms, frame(seq++, ms)]);
    return flow;
  });
  const captions = (script.captions ?? []).map(([startMs, endMs, text]): Action => [
    mode === 'live' ? endMs - 50 : endMs,
    caption(`s${startMs}`, text, [startMs, endMs]),
  ]);
  return [...(script.model ?? []), ...(script.inputs ?? []), ...frames, ...captions].sort(([a], [b]) => a - b);
}

/** The schema's complaint about an output, or null. */
export function complaint(output: PipelineOutput): string | null {
  const message = 'code' in output ? { ...output, request_id: 'r1' } : output;
  const parsed = ServerMessage.safeParse(message);
  return parsed.success ? null : `${output.type}: ${parsed.error.message}`;
}

/** One modality of a result in one word or two: `observed`, `virtual silence`. */
export function part(result: SentimentResult | undefined, modality: string): string {
  const { source, cause } = result?.modalities[modality] ?? {};
  return [source, cause].filter(Boolean).join(' ');
}

/** A change in one line: `video virtual network_gap @6000`. */
export function line(change: ModalityState): string {
  return [change.modality, change.state, change.cause, `@${change.pts_ms}`].filter(Boolean).join(' ');
}
