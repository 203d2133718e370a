import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { initParams } from '../../../models/graph/param.ts';
import { headsGraph } from '../../../models/heads/heads-graph.ts';
import type { HeadsConfig } from '../../../models/heads/trml.ts';
import { random } from '../../../models/random.ts';
import { openSession, type OrtSession, type TensorData } from '../../../models/runtime/session.ts';

const D = 8;
const SLOTS = 4;
const CONFIG: HeadsConfig = {
  dimension: D,
  slots: SLOTS,
  temporal: 12,
  pooling: 'gru',
  inference: 16,
  task: 10,
  emotions: 7,
  dropout: 0.3,
  fill: 'virtual',
};
const OUTPUTS = ['score', 'log_variance', 'sentiment_logits', 'emotion_logits'] as const;

interface Window {
  readonly video: Float32Array;
  readonly videoMask: readonly number[];
  readonly text: Float32Array;
  readonly textMask: number;
}

const draw = random('heads test');
const unit = (n: number): Float32Array => {
  const values = Float32Array.from({ length: n * D }, () => draw.normal());
  for (let row = 0; row < n; row++) {
    const part = values.subarray(row * D, (row + 1) * D);
    const norm = Math.hypot(...part);
    for (let i = 0; i < D; i++) part[i] = (part[i] ?? 0) / norm;
  }
  return values;
};
const full: Window = { video: unit(SLOTS), videoMask: [1, 1, 1, 1], text: unit(1), textMask: 1 };

const sessions = new Map<string, OrtSession>();

async function open(name: string, config: HeadsConfig): Promise<void> {
  const g = headsGraph(config);
  sessions.set(name, await openSession(emitOnnx(g, { params: initParams(g, 7) }), { threads: 1 }));
}

function tensor(data: readonly number[], dims: readonly number[]): TensorData {
  return { type: 'float32', dims, data: Float32Array.from(data) };
}

async function predict(windows: readonly Window[], name = 'virtual'): Promise<Record<string, number[][]>> {
  const n = windows.length;
  const outputs = await sessions.get(name)?.run({
    video: tensor(
      windows.flatMap(({ video }) => [...video]),
      [n, SLOTS, D],
    ),
    video_mask: tensor(
      windows.flatMap(({ videoMask }) => [...videoMask]),
      [n, SLOTS],
    ),
    text: tensor(
      windows.flatMap(({ text }) => [...text]),
      [n, 1, D],
    ),
    text_mask: tensor(
      windows.map(({ textMask }) => textMask),
      [n, 1],
    ),
  });
  return Object.fromEntries(
    Object.entries(outputs ?? {}).map(([key, { data }]) => {
      const width = data.length / n;
      return [key, windows.map((_, i) => Array.from(data.slice(i * width, (i + 1) * width), Number))];
    }),
  );
}

async function expectSame(a: Window, b: Window, name = 'virtual'): Promise<void> {
  const out = await predict([a, b], name);
  for (const output of OUTPUTS) {
    const [first, second] = out[output] ?? [];
    for (const [i, value] of (first ?? [Number.NaN]).entries())
      expect(value, output).toBeCloseTo(second?.[i] ?? Number.NaN, 5);
  }
}

beforeAll(async () => {
  await open('virtual', CONFIG);
  await open('zero', { ...CONFIG, fill: 'zero' });
  await open('mean', { ...CONFIG, pooling: 'mean' });
  await open('transformer', { ...CONFIG, pooling: 'transformer' });
  await open('deep', { ...CONFIG, depth: 3 });
  await open('drop', { ...CONFIG, frames: 'drop' });
});
afterAll(async () => {
  await Promise.all([...sessions.values()].map((session) => session.close()));
});

const zeros = (n: number): Float32Array => new Float32Array(n * D);
const noVideo: Window = { ...full, video: zeros(SLOTS), videoMask: [0, 0, 0, 0] };
const noText: Window = { ...full, text: zeros(1), textMask: 0 };
const someFrames: Window = { ...full, videoMask: [1, 0, 0, 1] };

/** `video` with the slots that `window` lacks replaced by one embedding. */
function filled(window: Window, embedding: readonly number[]): Float32Array {
  const video = window.video.slice();
  for (const [slot, observed] of window.videoMask.entries()) if (observed === 0) video.set(embedding, slot * D);
  return video;
}

describe('zeros in the place of synthesis', () => {
  it.each([
    ['no video', noVideo],
    ['no text', noText],
    ['some frames', { ...someFrames, video: filled(someFrames, Array.from(zeros(1))) }],
  ])('%s: zeros that count as observed score as heads without synthesis do', async (_, window) => {
    const observed = { ...window, videoMask: [1, 1, 1, 1], textMask: 1 };
    const [counted, without] = [await predict([observed]), await predict([window], 'zero')];
    for (const output of OUTPUTS)
      for (const [i, value] of (counted[output]?.[0] ?? [Number.NaN]).entries())
        expect(value, output).toBeCloseTo(without[output]?.[0]?.[i] ?? Number.NaN, 5);
  });
});

describe.each(['virtual', 'mean', 'transformer', 'deep'])('heads, %s', (name) => {
  it('take a missing video as its virtual embedding in every slot', async () => {
    const { virtual_video: [virtual = []] = [] } = await predict([noVideo], name);
    await expectSame(noVideo, { ...full, video: filled(noVideo, virtual) }, name);
  });

  it('take a missing text as its virtual embedding', async () => {
    const { virtual_text: [virtual = []] = [] } = await predict([noText], name);
    await expectSame(noText, { ...full, text: Float32Array.from(virtual) }, name);
  });

  it('fill missing frames only', async () => {
    const { virtual_video: [virtual = []] = [] } = await predict([someFrames], name);
    await expectSame(someFrames, { ...full, video: filled(someFrames, virtual) }, name);
  });

  it('fill missing frames from the virtual text when the text is missing too', async () => {
    const both: Window = { ...noText, videoMask: someFrames.videoMask };
    const { virtual_video: [video = []] = [], virtual_text: [text = []] = [] } = await predict([both], name);
    await expectSame(both, { ...full, video: filled(both, video), text: Float32Array.from(text) }, name);
  });
});

describe('heads', () => {
  it('do not look at what is masked', async () => {
    const garbage: Window = {
      ...someFrames,
      video: filled(
        someFrames,
        Array.from(unit(1), (x) => 50 * x),
      ),
    };
    await expectSame(someFrames, garbage);
    await expectSame(noText, { ...noText, text: unit(1) });
  });

  it('of a transformer do not look at what is masked either', async () => {
    const some: Window = { ...noText, videoMask: someFrames.videoMask };
    const garbage = filled(
      some,
      Array.from(unit(1), (x) => 50 * x),
    );
    await expectSame(some, { ...some, video: garbage }, 'transformer');
  });

  it('give scores up to 3', async () => {
    const g = headsGraph(CONFIG);
    const params = initParams(g, 7);
    params.get('heads.task.score.b')?.fill(100);
    sessions.set('sure', await openSession(emitOnnx(g, { params }), { threads: 1 }));
    const { score } = await predict([full], 'sure');
    expect(score?.[0]?.[0]).toBeCloseTo(3, 5);
  });

  it('give virtual embeddings of unit length', async () => {
    const out = await predict([full, noText, someFrames]);
    const rows = [...(out['virtual_video'] ?? []), ...(out['virtual_text'] ?? [])];
    expect(rows).toHaveLength(6);
    for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
  });

  it.each([
    ['a whole one first', [full, noText, noVideo, someFrames]],
    ['an incomplete one first', [someFrames, full, noVideo, noText, full]],
    ['all whole', [full, noText, full]],
    ['none whole', [noVideo, someFrames]],
  ])('answer a window the same alone and in a batch, %s', async (_, windows) => {
    const together = await predict(windows);
    for (const [i, window] of windows.entries()) {
      const alone = await predict([window]);
      expect(alone['score']?.[0]?.[0]).toBeCloseTo(together['score']?.[i]?.[0] ?? Number.NaN, 5);
    }
  });

  it('hear the order of frames, and without recurrence do not', async () => {
    const reversed: Window = {
      ...full,
      video: Float32Array.from([3, 2, 1, 0].flatMap((slot) => [...full.video.subarray(slot * D, (slot + 1) * D)])),
    };
    const change = async (name: string): Promise<number> => {
      const { emotion_logits: [a = [], b = []] = [] } = await predict([full, reversed], name);
      return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));
    };
    expect(await change('virtual')).toBeGreaterThan(1e-4);
    expect(await change('mean')).toBeLessThan(1e-5);
  });

  it('that drop frames fill only where none is observed', async () => {
    const { virtual_video: [virtual = []] = [] } = await predict([noVideo], 'drop');
    await expectSame(noVideo, { ...full, video: filled(noVideo, virtual) }, 'drop');
    const { emotion_logits: [dropped = []] = [] } = await predict([someFrames], 'drop');
    const { emotion_logits: [kept = []] = [] } = await predict([{ ...someFrames, videoMask: [1, 1, 1, 1] }], 'drop');
    expect(dropped).not.toEqual(kept);
    await expectSame(someFrames, { ...someFrames, video: filled(someFrames, Array.from(unit(1))) }, 'drop');
  });

  it('with deeper inference heads have more parameters, and name the others as before', () => {
    const names = (config: HeadsConfig): string[] => [...headsGraph(config).params.keys()];
    const deep = names({ ...CONFIG, depth: 2 });
    expect(deep).toEqual(expect.arrayContaining(names(CONFIG)));
    expect(deep.length).toBe(names(CONFIG).length + 4);
  });

  it('of the baseline fill with zeros', async () => {
    await expectSame(noVideo, { ...full, video: zeros(SLOTS) }, 'zero');
    await expectSame(noText, { ...full, text: zeros(1) }, 'zero');
  });
});
