import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../pipeline/clock.ts';
import { SentimentResult } from '../../../pipeline/protocol/index.ts';
import { replay, replayExitCode } from '../../../pipeline/replay/replay.ts';
import { FAKE_MODALITIES, fakeModel } from '../../support/fake-model.ts';
import { Clips, hasFfmpeg } from './clips.ts';
import type { ModalitySpec } from '../../../models/model.ts';
import type { ReplayProgress } from '../../../pipeline/replay/feed.ts';
import type { ReplayOptions } from '../../../pipeline/replay/replay.ts';
import type { ReplaySummary } from '../../../pipeline/replay/summary.ts';
import type { FakeModelOptions } from '../../support/fake-model.ts';
import { testData } from '../../support/test-data.ts';

const clips = new Clips();
afterAll(() => clips.remove());

const MODALITIES: readonly ModalitySpec[] = FAKE_MODALITIES.map((modality) =>
  modality.kind === 'image' ? { ...modality, image: { size: 16, fit: 'cover', filter: 'area' } } : modality,
);

function model(options: FakeModelOptions = {}) {
  return fakeModel({ modalities: MODALITIES, ...options });
}

const CAPTIONS = 'WEBVTT\n\n00:00.000 --> 00:01.000\nwell\n\n00:01.100 --> 00:03.000\ngood morning\n';

interface Replayed {
  readonly summary: ReplaySummary;
  readonly lines: readonly SentimentResult[];
}

let outs = 0;
async function run(options: Partial<ReplayOptions>): Promise<Replayed> {
  const out = options.out ?? clips.path(`out-${outs++}`);
  const summary = await replay({ model: model(), ...options, out });
  return { summary, lines: timeline(out) };
}

/** Every line is a valid result with nothing that the protocol does not know. */
function timeline(out: string): SentimentResult[] {
  const lines = readFileSync(join(out, 'timeline.jsonl'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => SentimentResult.strict().parse(JSON.parse(line)));
}

/** Everything but what depends on the wall clock. */
function content(lines: readonly SentimentResult[]): unknown[] {
  return lines.map((line) => ({ ...line, latency_ms: null }));
}

const FILES = ['report.html', 'summary.json', 'timeline.csv', 'timeline.jsonl'];

describe('captions alone', () => {
  test('one prediction per hop up to the end of the last caption', async () => {
    const captions = clips.write('alone.vtt', CAPTIONS);
    for (const given of [{ captions }, { video: captions }]) {
      const { summary, lines } = await run(given);
      expect(lines.map((line) => line.pts_ms)).toEqual(Array.from({ length: 12 }, (_, k) => 250 * (k + 1)));
      expect(lines.map((line) => line.modalities['video']?.source)).toEqual(lines.map(() => 'virtual'));
      expect(lines.map((line) => line.modalities['text']?.source)).toEqual(lines.map(() => 'observed'));
      expect(summary).toMatchObject({
        status: 'complete',
        input: { video: null, captions, captions_source: 'file', segments: 2, duration_ms: 3000 },
        predictions: { expected: 12, written: 12, by_state: { ok: 0, degraded: 12, insufficient: 0 } },
        warnings: [],
      });
      expect(replayExitCode(summary)).toBe(0);
    }
  });

  test('the last cue may have no length', async () => {
    const captions = clips.write('point.srt', '1\n00:00:01,000 --> 00:00:01,000\nat last\n');
    const { summary, lines } = await run({ captions });
    expect(lines.map((line) => [line.pts_ms, line.modalities['text']?.source]).at(-1)).toEqual([1000, 'observed']);
    expect(summary.warnings).toEqual([]);
  });

  test('before the first words nothing is observed', async () => {
    const { lines } = await run({ captions: clips.write('late.srt', '1\n00:00:01,100 --> 00:00:02,000\nat last\n') });
    expect(lines.map(({ pts_ms, state, score }) => [pts_ms, state, score === null])).toEqual(
      [250, 500, 750, 1000, 1250, 1500, 1750, 2000].map((ptsMs) =>
        ptsMs < 1100 ? [ptsMs, 'insufficient', true] : [ptsMs, 'degraded', false],
      ),
    );
  });

  test('a window has the words from their start on', async () => {
    const fake = model({ windowMs: 1000 });
    await run({ model: fake, captions: clips.write('words.vtt', CAPTIONS) });
    const texts = fake.encoded.flatMap(({ input }) => (input.kind === 'text' ? [input.text] : []));
    expect([...new Set(texts)]).toEqual(['well', 'well good morning', 'good morning']);
  });

  test('hours between two captions', async () => {
    const captions = clips.write(
      'hours.vtt',
      'WEBVTT\n\n00:00.000 --> 00:01.000\nwell\n\n02:30:00.000 --> 02:30:01.000\nso\n',
    );
    const { summary, lines } = await run({ captions, hopMs: 10_000 });
    expect(summary.warnings).toEqual([]);
    expect(lines.map((line) => line.pts_ms)).toEqual(Array.from({ length: 900 }, (_, k) => 10_000 * (k + 1)));
    expect([lines[400]?.state, lines.at(-1)?.state]).toEqual(['insufficient', 'degraded']);
  });

  test('a long gap is silence from its first minute to its last, and only the end is the end', async () => {
    const captions = clips.write(
      'gap.srt',
      '1\n00:00:00,000 --> 00:00:01,000\nfirst\n\n2\n00:31:00,000 --> 00:31:01,000\nlast\n',
    );
    const { lines } = await run({ captions, hopMs: 10_000, model: model({ windowMs: 4000 }) });
    const causes = lines.map(({ pts_ms: ptsMs, modalities }) => [ptsMs, modalities['text']?.cause]);
    expect(causes.filter(([, cause]) => cause !== null)).toEqual(
      Array.from({ length: 185 }, (_, k) => [10_000 * (k + 1), 'silence']),
    );
  });

  test('bad cues cost themselves only and are reported', async () => {
    const { summary, lines } = await run({ captions: clips.write('bad.vtt', `${CAPTIONS}\nbad --> worse\nx\n`) });
    expect(lines.length).toBe(12);
    expect(summary.warnings).toEqual([{ code: 'captions_line', message: expect.stringContaining('line 9'), count: 1 }]);
  });
});

describe('the results', () => {
  let captions = '';
  beforeAll(() => {
    captions = clips.write('results.vtt', CAPTIONS);
  });

  test('the table has the numbers of the lines', async () => {
    const out = clips.path('table');
    const { lines } = await run({ captions, out });
    const rows = parse(readFileSync(join(out, 'timeline.csv')), { columns: true }) as Record<string, string>[];
    expect(
      rows.map((row) => [row['pts_ms'], row['score'], row['emotion_happy'], row['text_source'], row['video_age_ms']]),
    ).toEqual(
      lines.map((line) => [String(line.pts_ms), String(line.score), String(line.emotions?.['happy']), 'observed', '']),
    );
  });

  test('the summary has the figures of the lines', async () => {
    const out = clips.path('figures');
    const { summary, lines } = await run({ captions, out });
    const scores = lines.flatMap((line) => line.score ?? []).sort((a, b) => a - b);
    expect(summary.score?.mean).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length, 3);
    expect([summary.score?.min, summary.score?.max]).toEqual(
      [scores[0], scores.at(-1)].map((score) => expect.closeTo(score ?? 0, 3)),
    );
    expect(summary.over_time.map((bin) => bin.score)).toEqual(lines.map((line) => expect.closeTo(line.score ?? 0, 3)));
    expect(summary.modalities['text']?.sources).toEqual({ observed: 1, virtual: 0, mixed: 0, absent: 0 });
    expect(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))).toEqual(summary);
  });

  test('a smoothed score', async () => {
    const [raw, smooth] = await Promise.all([run({ captions }), run({ captions, smoothing: 0.5 })]);
    let expected: number | null = null;
    for (const [i, { score }] of raw.lines.entries()) {
      expected = expected === null ? (score ?? 0) : 0.5 * expected + 0.5 * (score ?? 0);
      expect(smooth.lines[i]?.score).toBeCloseTo(expected, 5);
    }
  });

  test('counterfactuals', async () => {
    const { lines, summary } = await run({ captions, counterfactuals: true });
    expect(summary.options.counterfactuals).toBe(true);
    for (const { counterfactuals, score } of lines) {
      expect(counterfactuals).toMatchObject({ as_is: score, only: { video: null, text: score } });
      expect(counterfactuals?.zero_filled).not.toBe(score);
    }
  });

  test('another hop', async () => {
    const { lines, summary } = await run({ captions, hopMs: 400 });
    expect(lines.map((line) => line.pts_ms)).toEqual([400, 800, 1200, 1600, 2000, 2400, 2800]);
    expect(summary.options).toMatchObject({ hop_ms: 400, frame_interval_ms: 400 });
  });

  test('shorter than a hop', async () => {
    const { lines, summary } = await run({
      captions: clips.write('short.vtt', 'WEBVTT\n\n00:00.000 --> 00:00.200\nx\n'),
    });
    expect([lines, summary.score, summary.over_time]).toEqual([[], null, []]);
    expect(summary.warnings.map((warning) => warning.code)).toEqual(['too_short']);
  });

  test('progress ends at the end', async () => {
    const onProgress = vi.fn<(progress: ReplayProgress) => void>();
    await run({ captions, onProgress });
    expect(onProgress).toHaveBeenLastCalledWith(
      expect.objectContaining({ mediaMs: 3000, durationMs: 3000, predictions: 12 }),
    );
  });

  test('a prediction that fails is missing, and said to be', async () => {
    const fake = model();
    fake.failPredict = () => (fake.calls.predict === 4 ? 'inference_timeout' : undefined);
    const { summary, lines } = await run({ model: fake, captions });
    expect(lines.length).toBe(11);
    expect(summary).toMatchObject({ status: 'partial', predictions: { expected: 12, written: 11 } });
    expect(summary.warnings.map((warning) => warning.code)).toContain('predictions_missing');
    expect(replayExitCode(summary)).toBe(1);
  });
});

describe('nothing but whole results', () => {
  let captions = '';
  beforeAll(() => {
    captions = clips.write('whole.vtt', CAPTIONS);
  });

  test('a folder that is not there, and earlier results', async () => {
    const out = join(clips.path('deep'), 'er', 'out');
    await run({ captions, out });
    await run({ captions, out, hopMs: 500 });
    expect(readdirSync(out).sort()).toEqual(FILES);
    expect(timeline(out).length).toBe(6);
  });

  test('other files stay', async () => {
    const out = clips.path('mine');
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    await run({ captions, out });
    expect(readdirSync(out).sort()).toEqual(['notes.txt', ...FILES]);
  });

  test('aborted: no new files, earlier ones untouched', async () => {
    const out = clips.path('aborted');
    const { summary } = await run({ captions, out });
    const abort = new AbortController();
    const stopped = run({ captions, out, hopMs: 50, signal: abort.signal, onProgress: () => abort.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'replay_aborted' });
    expect(readdirSync(out).sort()).toEqual(FILES);
    expect(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))).toEqual(summary);
  });

  test.each(FILES)('a folder where %s should go is told before anything is predicted', async (name) => {
    const out = clips.path(`folder-${name}`);
    mkdirSync(join(out, name), { recursive: true });
    const fake = model();
    await expect(run({ model: fake, captions, out })).rejects.toMatchObject({
      code: 'out_unwritable',
      message: expect.stringContaining(name),
    });
    expect([fake.calls.predict, readdirSync(out)]).toEqual([0, [name]]);
  });

  test('a folder that comes in the way meanwhile', async () => {
    const out = clips.path('meanwhile');
    const onProgress = (): void => void mkdirSync(join(out, 'summary.json'), { recursive: true });
    await expect(run({ captions, out, onProgress })).rejects.toMatchObject({ code: 'out_unwritable' });
    expect(readdirSync(out)).toEqual(['summary.json']);
  });

  test('a disk that is full', async () => {
    const out = clips.path('full');
    const handle = await open(captions);
    await handle.close();
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const append = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'appendFile').mockRejectedValue(full);
    await expect(run({ captions, out })).rejects.toMatchObject({
      code: 'out_unwritable',
      message: expect.stringContaining('no space is left'),
    });
    append.mockRestore();
    expect(readdirSync(out)).toEqual([]);
  });

  test('an output that is a file', async () => {
    await expect(run({ captions, out: captions })).rejects.toMatchObject({ code: 'out_unwritable' });
  });

  test.each<[name: string, options: () => Partial<ReplayOptions>, code: string, exitCode: number]>([
    ['nothing to replay', () => ({}), 'replay_nothing', 2],
    ['captions that are not there', () => ({ captions: clips.path('none.vtt') }), 'captions_not_found', 1],
    ['captions that are none', () => ({ captions: clips.write('no.vtt', 'no') }), 'captions_unreadable', 1],
    ['a video that is not there', () => ({ video: clips.path('none.mp4'), captions }), 'video_not_found', 1],
    ['a language beside captions', () => ({ captions, language: 'de' }), 'replay_option', 2],
    ['a language of a file of captions', () => ({ video: captions, language: 'de' }), 'replay_option', 2],
    ['a loss over 1', () => ({ captions, drop: { text: 1.5 } }), 'bad_drop', 2],
    ['a seed that is too large', () => ({ captions, drop: { text: 0.5 }, seed: 2 ** 32 }), 'bad_drop', 2],
    ['a hop of nothing', () => ({ captions, hopMs: 0 }), 'bad_setting', 2],
    ['a hop of half a millisecond more', () => ({ captions, hopMs: 250.5 }), 'bad_setting', 2],
    ['a hop that is no number', () => ({ captions, hopMs: Number.NaN }), 'bad_setting', 2],
    ['smoothing that never moves', () => ({ captions, smoothing: 1 }), 'bad_setting', 2],
    ['a loss of what the model has not', () => ({ captions, drop: { smell: 1 } }), 'unknown_modality', 2],
  ])('%s', async (_, options, code, exitCode) => {
    const out = clips.path(`none-${code}`);
    await expect(run({ ...options(), out })).rejects.toMatchObject({ code, exitCode });
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });
});

test('a bad seed is named, not the share', async () => {
  const captions = clips.write('seed.vtt', CAPTIONS);
  await expect(run({ captions, drop: { text: 0.5 }, seed: 2 ** 32 })).rejects.toThrow(/seed .* 4294967295/);
});

describe.skipIf(!hasFfmpeg)('a video (needs ffmpeg)', () => {
  let video = '';
  let captions = '';
  beforeAll(() => {
    video = clips.draw('video.mp4', 3, { args: ['-movflags', '+faststart'] });
    captions = clips.write('video.vtt', CAPTIONS);
  });

  test('with captions', async () => {
    const { summary, lines } = await run({ video, captions });
    expect(lines.map((line) => line.pts_ms)).toEqual(Array.from({ length: 12 }, (_, k) => 250 * (k + 1)));
    expect(lines.at(-1)?.modalities['text']?.source).toBe('observed');
    expect(summary.totals).toMatchObject({
      frames: { received: 12, encoded: 12, in_flight: 0, dropped: {} },
      captions: 2,
    });
    expect(summary.input).toMatchObject({ codec: 'h264', captions_source: 'file', duration_ms: 3000 });
  });

  test('calls overlap, so that the batches of the model fill', async () => {
    const fake = model({ clock: systemClock });
    fake.encodeMs = 100;
    await run({ model: fake, video });
    expect(fake.calls.mostEncoding).toBeGreaterThan(4);
  });

  test('alone', async () => {
    const { summary, lines } = await run({ video });
    expect(lines.length).toBe(12);
    expect(lines.map((line) => line.modalities['text']?.source)).toEqual(lines.map(() => 'virtual'));
    expect(summary.input).toMatchObject({ captions: null, captions_source: 'none', segments: 0 });
  });

  test('with captions inside', async () => {
    const file = clips.make('inside.mkv', ['-i', video, '-i', captions, '-c:v', 'copy', '-c:s', 'srt']);
    const { summary, lines } = await run({ video: file });
    expect(summary.input).toMatchObject({ captions: 'track 1', captions_source: 'embedded', segments: 2 });
    expect(lines.at(-1)?.modalities['text']?.source).toBe('observed');
  });

  test('with captions inside that are pictures', async () => {
    // Presentation graphics as on Blu-ray: a screen of 160x120 without an object, and the end of it.
    const segment = (kind: string, body: string): Buffer =>
      Buffer.concat([
        Buffer.from('PG'),
        Buffer.alloc(8),
        Buffer.from(kind, 'hex'),
        Buffer.from([0, body.length / 2]),
        Buffer.from(body, 'hex'),
      ]);
    const screen = Buffer.concat([segment('16', '00a0007810000080000000'), segment('80', '')]);
    const inputs = ['-i', video, '-i', clips.write('pictures.sup', screen)];
    const { summary } = await run({
      video: clips.make('pictures.mkv', [...inputs, '-map', '0', '-map', '1', '-c', 'copy']),
    });
    expect(summary.input.captions_source).toBe('none');
    expect(summary.warnings).toMatchObject([
      { code: 'captions_no_text', count: 1, message: expect.stringContaining('hdmv_pgs_subtitle') },
    ]);
  });

  test('of several picture tracks it says which is replayed', async () => {
    const tracks = ['-i', video, '-map', '0:v', '-map', '0:v', '-c', 'copy', '-disposition:v:0', '0'];
    const { summary } = await run({ video: clips.make('two.mkv', [...tracks, '-disposition:v:1', 'default']) });
    expect(summary.warnings).toEqual([
      { code: 'video_tracks', count: 1, message: expect.stringMatching(/track 1 is replayed, and not 0: .*-map 0:0 /) },
    ]);
  });

  test.each([
    [{ text: 1 }, 'text', 'virtual', 'degraded'],
    [{ video: 1 }, 'video', 'virtual', 'degraded'],
    [{ video: 1, text: 1 }, 'video', 'absent', 'insufficient'],
  ] as const)('dropping %o', async (drop, modality, source, state) => {
    const early = clips.write('early.vtt', CAPTIONS);
    const { lines, summary } = await run({ video, captions: early, drop });
    expect(
      lines.map((line) => [line.modalities[modality]?.source, line.modalities[modality]?.cause, line.state]),
    ).toEqual(lines.map(() => [source, 'injected', state]));
    expect(lines.map((line) => line.score === null)).toEqual(lines.map(() => state === 'insufficient'));
    expect(lines.length).toBe(12);
    expect(summary.totals.captions).toBe(2);
    expect(summary.totals.captions_injected).toBe('text' in drop ? 2 : undefined);
  });

  async function lossy(seed: number): Promise<unknown[]> {
    return content((await run({ video, captions, drop: { video: 0.5 }, seed })).lines);
  }

  test('a partial loss follows its seed', async () => {
    const [a, b, c] = [await lossy(7), await lossy(7), await lossy(8)];
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
  });

  test('the same input gives the same lines', async () => {
    const [a, b] = [await run({ video, captions }), await run({ video, captions })];
    expect(content(b.lines)).toEqual(content(a.lines));
  });

  test('one that breaks off: its results are kept, captions go on, and the summary says so', async () => {
    const broken = clips.cut('broken.mp4', video, 0.6);
    const { summary, lines } = await run({ video: broken, captions });
    expect(summary.status).toBe('partial');
    expect(summary.warnings.map((warning) => warning.code)).toContain('video_truncated');
    expect(replayExitCode(summary)).toBe(1);
    expect(lines.length).toBe(12);
    const alone = await run({ video: broken });
    expect(alone.lines.length).toBeGreaterThan(2);
    expect(alone.lines.length).toBeLessThan(12);
    expect(alone.summary.predictions.expected).toBe(alone.lines.length);
  });

  test('captions after its end are left out and counted', async () => {
    const long = clips.write(
      'long.vtt',
      `${CAPTIONS}\n00:05.000 --> 00:06.000\nafter\n\n00:07.000 --> 00:08.000\nafter\n`,
    );
    const { summary, lines } = await run({ video, captions: long });
    expect(lines.length).toBe(12);
    expect(summary.warnings).toEqual([expect.objectContaining({ code: 'captions_after_end', count: 2 })]);
  });

  test('without a declared duration a caption after the last frame makes no result', async () => {
    const file = clips.draw('endless.webm', 2, { args: ['-c:v', 'libvpx', '-deadline', 'realtime', '-live', '1'] });
    const late = clips.write('endless.vtt', 'WEBVTT\n\n00:00.000 --> 00:01.000\none\n\n00:01.900 --> 00:02.000\ntwo\n');
    const { summary, lines } = await run({ video: file, captions: late, hopMs: 600 });
    expect(summary.options.frame_interval_ms).toBe(500);
    expect(summary.input.duration_ms).toBe(1500);
    expect(lines.map((line) => line.pts_ms)).toEqual([600, 1200]);
    expect(summary.predictions).toMatchObject({ expected: 2, written: 2 });
    expect(summary.warnings.map(({ code, count }) => [code, count])).toEqual([['captions_after_end', 1]]);
  });

  test('pictures that go on after the declared end, as in joined transport streams', async () => {
    const part = readFileSync(clips.draw('part.ts', 2));
    const joined = clips.write('joined.ts', Buffer.concat([part, part]));
    const late = clips.write('joined.vtt', 'WEBVTT\n\n00:03.000 --> 00:03.500\nlate\n');
    const { summary, lines } = await run({ video: joined, captions: late });
    expect(lines.map((line) => line.pts_ms)).toEqual(Array.from({ length: 16 }, (_, k) => 250 * (k + 1)));
    expect(summary).toMatchObject({
      status: 'complete',
      input: { duration_ms: 4000 },
      predictions: { expected: 16, written: 16 },
      warnings: [{ code: 'timestamps_jump', count: 1 }],
    });
    expect(summary.over_time.at(-1)?.end_ms).toBe(4000);
  });

  test('times that jump, as in joined transport streams: they go on from before, with a warning', async () => {
    const late = clips.write('jump.vtt', 'WEBVTT\n\n00:03.000 --> 00:03.500\nin\n\n01:40.000 --> 01:41.000\nafter\n');
    const from = (seconds: number): Buffer =>
      readFileSync(clips.draw(`from-${seconds}.ts`, 2, { args: ['-output_ts_offset', `${seconds}`] }));
    const part = from(200);
    for (const next of [from(300), from(100)]) {
      const joined = clips.write('jump.ts', Buffer.concat([part, next]));
      const { summary, lines } = await run({ video: joined, captions: late });
      expect(lines.map((line) => line.pts_ms)).toEqual(Array.from({ length: 16 }, (_, k) => 250 * (k + 1)));
      expect(lines.at(-1)?.modalities['video']?.source).toBe('observed');
      expect(summary).toMatchObject({ status: 'complete', input: { duration_ms: 4000 } });
      expect(summary.warnings.map(({ code, count }) => [code, count])).toEqual([
        ['timestamps_jump', 1],
        ['captions_after_end', 1],
      ]);
    }
  });

  test('a part that begins between two key pictures, of which the decoder complains', async () => {
    const from = (seconds: number): Buffer =>
      readFileSync(clips.draw(`mid-${seconds}.ts`, 2, { args: ['-g', '10', '-output_ts_offset', `${seconds}`] }));
    const packetBytes = 188;
    const joined = Buffer.concat([from(200), from(300).subarray(packetBytes * 10)]);
    const { summary } = await run({ video: clips.write('mid.ts', joined) });
    expect(summary.status).toBe('complete');
    expect(new Set(summary.warnings.map(({ code }) => code))).toEqual(new Set(['decoder', 'timestamps_jump']));
    expect(summary.input.duration_ms).toBeGreaterThan(2000);
    expect(summary.input.duration_ms).toBeLessThanOrEqual(4000);
  });

  test('pictures that end before the sound: the rest is predicted without', async () => {
    const file = clips.make('sound.mkv', [
      '-i',
      video,
      '-f',
      'lavfi',
      '-i',
      'sine=duration=6',
      '-c:v',
      'copy',
      '-map',
      '0',
      '-map',
      '1',
    ]);
    const { summary, lines } = await run({ model: model({ windowMs: 1000 }), video: file });
    expect(lines.length).toBe(24);
    expect(summary.status).toBe('complete');
    expect(lines.at(-1)).toMatchObject({ state: 'insufficient', modalities: { video: { cause: 'ended' } } });
    const words = clips.write('sound.vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:05.000 --> 00:05.500\ntwo\n');
    const spoken = await run({ model: model({ windowMs: 1000 }), video: file, captions: words });
    const late = spoken.lines.filter((line) => line.pts_ms > 4000);
    expect(late.map((line) => line.modalities['video']?.cause)).toEqual(late.map(() => 'ended'));
  });

  test('one without a picture track', async () => {
    const file = clips.make('tone.m4a', ['-f', 'lavfi', '-i', 'sine=duration=1']);
    await expect(run({ video: file, captions })).rejects.toMatchObject({ code: 'video_no_stream' });
  });
});

const RECORDINGS = testData('videos');

describe.skipIf(!hasFfmpeg || !existsSync(RECORDINGS))('real recordings (need ffmpeg and UNDERTONE_TEST_DATA)', () => {
  test.each([
    ['friday.mp4', 'friday.vtt', 24],
    ['single.mp4', undefined, 9],
    ['face_noface.mov', undefined, 25],
  ])('%s', async (video, captions, expected) => {
    const { summary, lines } = await run({
      video: join(RECORDINGS, video),
      ...(captions === undefined ? {} : { captions: join(RECORDINGS, captions) }),
    });
    expect(lines.length).toBe(expected);
    expect(summary).toMatchObject({ status: 'complete', warnings: [], predictions: { expected } });
  });
});
