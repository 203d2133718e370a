import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../models/errors.ts';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { clipFrames } from '../../../pipeline/replay/clip-frames.ts';
import type { ClipDecoder } from '../../../training/prepare/encode-part.ts';
import { prepareData, type PrepareDataOptions, type PrepareSummary } from '../../../training/prepare/prepare-data.ts';
import { readPrepared } from '../../../training/prepare/prepared-file.ts';
import { preparedSet } from '../../../training/sweep/sets/prepared-set.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';
import { jpegLike } from '../datasets/folder.ts';
import { Clips, hasFfmpeg } from '../../pipeline/replay/clips.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-prepare-'));
const clips = new Clips();
let model: LocalModel;
let number = 0;

beforeAll(async () => {
  const { dir } = await writeTinyBundle({ dir: join(root, 'tiny'), slots: 4 });
  model = await loadLocalModel({ bundle: dir });
  if (hasFfmpeg) clips.draw('a.mp4', 2);
});
afterAll(async () => {
  await model.close();
  clips.remove();
  rmSync(root, { recursive: true, force: true });
});

const HEADER = 'video_id,clip_id,text,label,mode';
const ROWS = ['v1,1,a great day,1.5,train', 'v1,2,so very sad,-2,train', 'v2,1,what a day,0,valid'];

/** An MMSA folder: the table, and clips where given; a string is the clip's bytes. */
function mosi(rows: readonly string[], files: Readonly<Record<string, string | null>> = {}, header = HEADER): string {
  const folder = join(root, `data${number++}`, 'mosi');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'label.csv'), `${[header, ...rows].join('\n')}\n`);
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, 'Raw', name);
    mkdirSync(dirname(path), { recursive: true });
    if (bytes === null) cpSync(clips.path('a.mp4'), path);
    else writeFileSync(path, bytes);
  }
  return folder;
}

function prepare(data: string, options: Partial<PrepareDataOptions> = {}): Promise<PrepareSummary> {
  return prepareData({ model, dataset: 'mosi', data, out: join(data, 'out'), decode: clipFrames, ...options });
}

const ALL = { 'v1/1.mp4': null, 'v1/2.mp4': null, 'v2/1.mp4': null };

it('names the clips in which no face is seen', { timeout: 60_000 }, async () => {
  const { dir } = await writeTinyBundle({ dir: join(root, 'finds'), slots: 2, findsRed: true });
  const finds = await loadLocalModel({ bundle: dir });
  const decode: ClipDecoder = (file, { count }) => {
    const data = new Uint8Array(64 * 64 * 3);
    // Red throughout is a face.
    if (!file.includes('2.mp4')) for (let at = 0; at < data.length; at += 3) data[at] = 255;
    return Promise.resolve(Array.from({ length: count }, () => ({ width: 64, height: 64, data })));
  };
  try {
    const folder = mosi(ROWS, { 'v1/1.mp4': '', 'v1/2.mp4': '', 'v2/1.mp4': '' });
    expect(await prepare(folder, { model: finds, decode })).toMatchObject({
      withVideo: 2,
      faceless: ['v1/2'],
      bad: [],
    });
  } finally {
    await finds.close();
  }
});

it('refuses a second one of the same folder while the first is at work', async () => {
  const folder = mosi(ROWS, { 'v1/1.mp4': '', 'v1/2.mp4': '', 'v2/1.mp4': '' });
  const refused: unknown[] = [];
  const decode: ClipDecoder = async (_, { count }) => {
    await prepare(folder).catch((error: unknown) => refused.push(error));
    const frame = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3) };
    return Array.from({ length: count }, () => frame);
  };
  expect(await prepare(folder, { decode })).toMatchObject({ encoded: 3, bad: [] });
  expect(refused).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ code: 'out_busy' }) as unknown));
  expect(readdirSync(join(folder, 'out', 'parts'))).toEqual([]);
});

it('hears an interruption while it names what images hold', async () => {
  const folder = join(root, `data${number++}`, 'clips');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a.jpg'), jpegLike(1));
  const lines = Array.from({ length: 100 }, (_, id) => `{"id":"${id}","split":"train","image":"a.jpg"}\n`);
  writeFileSync(join(folder, 'manifest.jsonl'), lines.join(''));
  const stop = new AbortController();
  let asked = 0;
  stop.signal.throwIfAborted = (): void => {
    if (asked++ === 0) setImmediate(() => stop.abort());
    AbortSignal.prototype.throwIfAborted.call(stop.signal);
  };
  const prepared = prepare(folder, { dataset: 'clips', signal: stop.signal });
  await expect(prepared).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBeLessThan(lines.length);
});

describe.skipIf(!hasFfmpeg)('preparing clips', { timeout: 60_000 }, () => {
  it('encodes every clip once: frames in every slot, the text, the labels', async () => {
    const summary = await prepare(mosi(ROWS, ALL));
    expect(summary).toMatchObject({
      splits: {
        train: { here: 2, published: 1284 },
        valid: { here: 1, published: 229 },
        test: { here: 0, published: 686 },
      },
      withVideo: 3,
      withText: 3,
      missingClips: [],
      bad: [],
    });
    expect(summary.file).toContain(`mosi-${model.info.sha256.slice(0, 12)}.safetensors`);
    const { table, index } = await readPrepared(summary.file);
    expect(index.clips.map(({ id }) => id)).toEqual(['v1/1', 'v1/2', 'v2/1']);
    expect([...table.videoMask]).toEqual(Array.from({ length: 12 }, () => 1));
    expect([...table.score]).toEqual([1.5, -2, 0]);
    expect([...table.sentiment]).toEqual([2, 0, 1]);
    const { embedding } = await model.encode('text', { kind: 'text', text: 'a great day' });
    expect(table.text.subarray(0, 16)).toEqual(embedding);
    const frames = await clipFrames(clips.path('a.mp4'), {
      count: 4,
      image: { size: 32, fit: 'cover', filter: 'area' },
    });
    const rows = await model.encodePixels('video', frames[0]?.data ?? new Uint8Array(), 1);
    expect(Math.max(...rows.map((value, k) => Math.abs(value - (table.video[k] ?? 0))))).toBeLessThan(1e-5);
  });

  it('goes on where it stopped, and reads nothing twice', async () => {
    const folder = mosi(
      Array.from({ length: 70 }, (_, i) => `v,${i},a day,1,train`),
      Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`v/${i}.mp4`, null])),
    );
    const decoded: string[] = [];
    const counted =
      (limit: number): ClipDecoder =>
      (file, { count }) => {
        if (decoded.length === limit) return Promise.reject(new Error('cut short'));
        decoded.push(file);
        const frame = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3) };
        return Promise.resolve(Array.from({ length: count }, () => frame));
      };
    await expect(prepare(folder, { decode: counted(66) })).rejects.toThrow('cut short');
    expect(readdirSync(join(folder, 'out', 'parts')).length).toBe(1);
    decoded.length = 0;
    const { withVideo } = await prepare(folder, { decode: counted(100) });
    expect(withVideo).toBe(70);
    expect(decoded.length).toBe(4);
    expect(existsSync(join(folder, 'out', 'parts'))).toBe(true);
    expect(readdirSync(join(folder, 'out', 'parts'))).toEqual([]);
  });

  /** Decodes `limit` files, then is cut short; those named in `broken` cannot be read. */
  function decoder(limit: number, broken: readonly string[] = []): { decode: ClipDecoder; decoded: string[] } {
    const decoded: string[] = [];
    return {
      decoded,
      decode: (file, { count }) => {
        if (decoded.length === limit) return Promise.reject(new Error('cut short'));
        decoded.push(file);
        if (broken.some((name) => file.endsWith(name)))
          return Promise.reject(new UndertoneError('video_unreadable', 'broken'));
        const frame = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3) };
        return Promise.resolve(Array.from({ length: count }, () => frame));
      },
    };
  }

  it('keeps every clip that was done when it is interrupted, also where the table has other rows since', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `v,${i},a day,1,train`);
    const folder = mosi(rows, Object.fromEntries(rows.map((_, i) => [`v/${i}.mp4`, 'x'])));
    const stop = new AbortController();
    const { decode, decoded } = decoder(1000);
    const stopping: ClipDecoder = (file, options) => {
      if (decoded.length === 21) stop.abort();
      options.signal?.throwIfAborted();
      return decode(file, options);
    };
    await expect(prepare(folder, { decode: stopping, signal: stop.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(decoded).toHaveLength(21);
    writeFileSync(join(folder, 'label.csv'), `${[HEADER, 'v,new,a text,1,train', ...rows.slice(1)].join('\n')}\n`);
    writeFileSync(join(folder, 'Raw', 'v/new.mp4'), 'x');
    const then = decoder(1000);
    const summary = await prepare(folder, { decode: then.decode });
    expect(summary).toMatchObject({ withVideo: 30, bad: [] });
    expect(then.decoded).toHaveLength(30 - 20);
    const whole = await prepare(folder, { decode: decoder(1000).decode, out: join(folder, 'whole') });
    expect((await readPrepared(summary.file)).table).toEqual((await readPrepared(whole.file)).table);
  });

  it('keeps what was done before a clip that cannot be read, too', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `v,${i},a day,1,train`);
    const folder = mosi(rows, Object.fromEntries(rows.map((_, i) => [`v/${i}.mp4`, 'x'])));
    await expect(prepare(folder, { decode: decoder(1000, ['/37.mp4']).decode })).rejects.toMatchObject({
      code: 'data_clip',
    });
    const then = decoder(1000);
    await prepare(folder, { decode: then.decode });
    expect(then.decoded.length).toBeLessThanOrEqual(4);
  });

  it('reads a clip again that could not be read or has changed since, and no other one', async () => {
    const folder = mosi(
      Array.from({ length: 130 }, (_, i) => `v,${i},a day,1,train`),
      Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`v/${i}.mp4`, 'x'])),
    );
    const first = decoder(128, ['/3.mp4', '/70.mp4']);
    await expect(prepare(folder, { decode: first.decode, skipBad: true })).rejects.toThrow('cut short');
    writeFileSync(join(folder, 'Raw', 'v/70.mp4'), 'mended');
    const then = decoder(1000);
    const summary = await prepare(folder, { decode: then.decode });
    expect(summary).toMatchObject({ withVideo: 130, bad: [] });
    // One that could not be read, one that is another now, and those that were not done.
    expect(then.decoded.map((file) => file.slice(file.lastIndexOf('/') + 1)).sort()).toEqual([
      '128.mp4',
      '129.mp4',
      '3.mp4',
      '70.mp4',
    ]);
    const { table, index } = await readPrepared(summary.file);
    expect(index.clips).toHaveLength(130);
    expect(table.video.subarray(3 * 64, 4 * 64)).toEqual(table.video.subarray(4 * 64, 5 * 64));
  });

  it('run again, it encodes what is new or changed, and keeps the rest', async () => {
    const rows = Array.from({ length: 66 }, (_, i) => `v,${i},a day,1,train`);
    const files = Object.fromEntries(Array.from({ length: 67 }, (_, i) => [`v/${i}.mp4`, 'x']));
    const folder = mosi(rows, files);
    const broken = decoder(1000, ['/7.mp4']);
    const first = await prepare(folder, { decode: broken.decode, skipBad: true });
    expect(first).toMatchObject({ withVideo: 65, unreadClips: [{ id: 'v/7' }] });
    const mended = decoder(1000);
    await expect(prepare(folder, { decode: mended.decode })).resolves.toMatchObject({ encoded: 1, bad: [] });
    const { table } = await readPrepared(first.file);

    const again = decoder(0);
    for (const written of [folder, relative('.', folder), `${folder}/.`])
      await expect(prepare(written, { decode: again.decode })).resolves.toMatchObject({ encoded: 0, withVideo: 66 });
    expect((await readPrepared(first.file)).table).toEqual(table);

    writeFileSync(join(folder, 'Raw', 'v/3.mp4'), 'another');
    const relabelled = rows.map((row, i) => (i === 5 ? 'v,5,a day,-1,train' : row)).slice(1);
    writeFileSync(
      join(folder, 'label.csv'),
      `${[HEADER, ...relabelled, 'v,66,a sad day,-2,train', 'v,0,a new text,1,train'].join('\n')}\n`,
    );
    const then = decoder(1000);
    const summary = await prepare(folder, { decode: then.decode });
    expect(summary).toMatchObject({ encoded: 3, withVideo: 67, withText: 67 });
    expect(then.decoded.map((file) => file.slice(file.lastIndexOf('/') + 1)).sort()).toEqual([
      '0.mp4',
      '3.mp4',
      '66.mp4',
    ]);
    const changed = await readPrepared(summary.file);
    expect(changed.table.score[changed.index.clips.findIndex(({ id }) => id === 'v/5')]).toBe(-1);
    const fresh = await prepare(folder, { decode: decoder(1000).decode, out: join(folder, 'fresh') });
    expect(changed.table).toEqual((await readPrepared(fresh.file)).table);
  });

  it('knows clips again where their folder was moved, and not where it is another one', async () => {
    const folder = mosi(ROWS, ALL);
    const out = join(root, `out${number++}`);
    const { file } = await prepare(folder, { out });
    const elsewhere = join(root, `data${number++}`, 'mosi');
    mkdirSync(dirname(elsewhere), { recursive: true });
    renameSync(folder, elsewhere);
    await expect(prepare(elsewhere, { out, decode: decoder(0).decode })).resolves.toMatchObject({
      file,
      encoded: 0,
      withVideo: 3,
    });
    const another = mosi(ROWS, { 'v1/1.mp4': 'x', 'v1/2.mp4': 'x', 'v2/1.mp4': 'x' });
    await expect(prepare(another, { out })).rejects.toMatchObject({ code: 'checkpoint_mismatch' });
  });

  it('stops at a missing clip with its name; skipping, its video is missing and it is told', async () => {
    const folder = mosi(ROWS, { 'v1/1.mp4': null, 'v2/1.mp4': null });
    await expect(prepare(folder)).rejects.toMatchObject({
      code: 'data_clip',
      message: expect.stringMatching(/1 of the 3 clips .*v1\/2.*--skip-bad/),
    });
    const summary = await prepare(folder, { skipBad: true });
    expect(summary).toMatchObject({ missingClips: ['v1/2'], withVideo: 2, withText: 3, bad: [] });
    const { table } = await readPrepared(summary.file);
    expect([...table.videoMask.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
  });

  it('stops where all clips are gone since, and keeps what was encoded; skipping, all video is missing', async () => {
    const folder = mosi(ROWS, Object.fromEntries(Object.keys(ALL).map((name) => [name, 'x'])));
    const { decode } = decoder(1000);
    await expect(prepare(folder, { decode: decoder(2).decode })).rejects.toThrow('cut short');
    renameSync(join(folder, 'Raw'), join(root, 'away'));
    await expect(prepare(folder)).rejects.toMatchObject({ code: 'data_clip' });
    renameSync(join(root, 'away'), join(folder, 'Raw'));
    const { file } = await prepare(folder, { decode });
    const before = readFileSync(file);
    renameSync(join(folder, 'Raw'), join(root, 'away'));
    await expect(prepare(folder)).rejects.toMatchObject({
      code: 'data_clip',
      message: expect.stringMatching(/encoded before are not in .*--skip-bad/) as unknown,
    });
    expect(readFileSync(file)).toEqual(before);
    await expect(prepare(folder, { skipBad: true })).resolves.toMatchObject({ withVideo: 0, textOnly: true });
  });

  it('stops at a clip that cannot be read; skipping, its text is kept, its video is missing and it is told', async () => {
    const folder = mosi(ROWS, { ...ALL, 'v1/2.mp4': 'no video at all' });
    await expect(prepare(folder)).rejects.toMatchObject({
      code: 'data_clip',
      message: expect.stringContaining('v1/2'),
    });
    for (const _ of ['first', 'again']) {
      const summary = await prepare(folder, { skipBad: true });
      expect(summary.unreadClips).toMatchObject([{ id: 'v1/2', code: 'data_clip' }]);
      expect(summary).toMatchObject({ withVideo: 2, withText: 3, faceless: [], soundOnly: [], bad: [] });
      const { table, index } = await readPrepared(summary.file);
      expect(index.clips.map(({ id }) => id)).toEqual(['v1/1', 'v1/2', 'v2/1']);
      expect([...table.videoMask.subarray(4, 8), table.textMask[1]]).toEqual([0, 0, 0, 0, 1]);
      const { embedding } = await model.encode('text', { kind: 'text', text: 'so very sad' });
      expect(table.text.subarray(16, 32)).toEqual(embedding);
    }
    await expect(prepare(folder)).rejects.toMatchObject({ code: 'data_clip' });
    cpSync(clips.path('a.mp4'), join(folder, 'Raw', 'v1', '2.mp4'));
    await expect(prepare(folder)).resolves.toMatchObject({ encoded: 1, withVideo: 3, unreadClips: [] });
  });

  it('leaves out a clip that cannot be read and has no text', async () => {
    const rows = ROWS.map((row) => row.replace('so very sad', ''));
    const folder = mosi(rows, { ...ALL, 'v1/2.mp4': 'no video at all' });
    const summary = await prepare(folder, { skipBad: true });
    expect(summary).toMatchObject({ bad: [{ id: 'v1/2', code: 'data_clip' }], unreadClips: [] });
    expect(summary.splits['train']?.here).toBe(1);
    const { index } = await readPrepared(summary.file);
    expect(index.clips.map(({ id }) => id)).toEqual(['v1/1', 'v2/1']);
  });

  it('takes a blank transcript as a text that is missing', async () => {
    const summary = await prepare(
      mosi(
        ROWS.map((row) => row.replace('so very sad', ' ')),
        ALL,
      ),
    );
    expect(summary).toMatchObject({ withVideo: 3, withText: 2, bad: [] });
    expect([...(await readPrepared(summary.file)).table.textMask]).toEqual([1, 0, 1]);
  });

  it('makes no file of clips of which none can be read', async () => {
    const folder = mosi(ROWS, { 'v1/1.mp4': '', 'v1/2.mp4': 'no video', 'v2/1.mp4': '' });
    await expect(prepare(folder, { skipBad: true })).rejects.toMatchObject({
      code: 'data_clip',
      message: expect.stringMatching(/none of the 3 samples .* can be read; v\d\/\d: /) as unknown,
    });
    expect(readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.safetensors'))).toEqual([]);
  });

  it('stops at a clip of sound alone; skipping, its text is kept and its video is missing', async () => {
    const folder = mosi(ROWS, ALL);
    cpSync(clips.make('sound.mp4', ['-f', 'lavfi', '-i', 'sine=duration=1']), join(folder, 'Raw', 'v1', '2.mp4'));
    await expect(prepare(folder)).rejects.toMatchObject({ code: 'data_clip' });
    for (const _ of ['first', 'again']) {
      const summary = await prepare(folder, { skipBad: true });
      expect(summary).toMatchObject({ soundOnly: ['v1/2'], faceless: [], bad: [], withVideo: 2, withText: 3 });
      const { table } = await readPrepared(summary.file);
      expect([...table.videoMask.subarray(4, 8), table.textMask[1]]).toEqual([0, 0, 0, 0, 1]);
    }
    await expect(prepare(folder)).rejects.toMatchObject({ code: 'data_clip' });
  });

  it('takes a cut-off clip as one that cannot be read', async () => {
    const bytes = readFileSync(clips.path('a.mp4'));
    const folder = mosi(ROWS, ALL);
    writeFileSync(join(folder, 'Raw', 'v1/1.mp4'), bytes.subarray(0, Math.floor(bytes.length / 2)));
    const { unreadClips } = await prepare(folder, { skipBad: true });
    expect(unreadClips.map(({ id }) => id)).toEqual(['v1/1']);
  });

  it("reads MELD's clips by split, dialogue and utterance", async () => {
    const folder = join(root, `data${number++}`, 'meld');
    const columns = 'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,StartTime,EndTime';
    for (const [split, clip] of [
      ['train', 'train_splits'],
      ['dev', 'dev_splits_complete'],
    ] as const) {
      mkdirSync(join(folder, clip), { recursive: true });
      writeFileSync(
        join(folder, `${split}_sent_emo.csv`),
        `${columns}\n1,what a day,A,joy,positive,0,3,"99:00:00,0","00:00:00,0"\n`,
      );
      cpSync(clips.path('a.mp4'), join(folder, clip, 'dia0_utt3.mp4'));
    }
    const summary = await prepare(folder, { dataset: 'meld' });
    expect(summary).toMatchObject({ withVideo: 2, missingClips: [], splits: { dev: { here: 1, published: 1109 } } });
    const set = await preparedSet(summary.file, { model });
    expect(set.measures[0]).toEqual({ name: 'emotion_weighted_f1', better: 'higher' });
    expect(set.folds(1)[0]).toMatchObject({ train: { n: 1 }, test: { n: 1 } });
  });

  it('reads a folder with a manifest of its own', async () => {
    const folder = join(root, `data${number++}`, 'clips');
    mkdirSync(folder, { recursive: true });
    cpSync(clips.path('a.mp4'), join(folder, 'a.mp4'));
    writeFileSync(
      join(folder, 'manifest.jsonl'),
      `${[
        { id: 'a', split: 'train', video: 'a.mp4', text: 'a great day', score: 2 },
        { id: 'b', split: 'val', text: 'so sad', sentiment: 'negative' },
      ]
        .map((line) => JSON.stringify(line))
        .join('\n')}\n`,
    );
    // A clip that the manifest does not name is no missing one.
    const summary = await prepare(folder, { dataset: 'clips' });
    expect(summary).toMatchObject({ withVideo: 1, withText: 2, missingClips: [], textOnly: false, bad: [] });
  });
});

describe('a text-only copy', () => {
  it('counts every video as missing, and nothing as bad', async () => {
    const summary = await prepare(mosi(ROWS));
    expect(summary).toMatchObject({ withVideo: 0, withText: 3, missingClips: [], textOnly: true, bad: [] });
    expect(summary.strayClips).toBeUndefined();
    await expect(preparedSet(summary.file, { model })).rejects.toMatchObject({
      code: 'sweep_modality',
      message: expect.stringContaining('no video, or none in which a face is seen') as unknown,
    });
  });

  it('is said to have videos that the table does not name', async () => {
    const { textOnly, strayClips } = await prepare(mosi(ROWS, { 'v1_1.mp4': 'x', 'v1_2.mp4': 'x' }));
    expect(textOnly).toBe(true);
    expect(strayClips).toMatch(/none of the videos .*v1_1\.mp4 and 1 more.*Raw\/VIDEO_ID\/CLIP_ID\.mp4/);
  });

  it.each([
    ['an empty text', 'v1,3,,1,train', 'data_columns', /text is empty/],
    ['a label that is no number', 'v1,3,a day,nan,train', 'data_label', /label is "nan"/],
    ['a label in base sixteen', 'v1,3,a day,0x1,train', 'data_label', /label is "0x1"/],
    ['no label', 'v1,3,a day,,train', 'data_label', /label is ""/],
    ['no split', 'v1,3,a day,1,', 'data_columns', /mode is empty/],
  ])('with %s stops at file and row; skipping, goes on and tells', async (_, row, code, message) => {
    const folder = mosi([...ROWS, row]);
    await expect(prepare(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    const summary = await prepare(folder, { skipBad: true });
    expect(summary.withText).toBe(3);
    expect(summary.bad).toMatchObject([{ id: expect.stringMatching(/label\.csv row 5/), code }]);
  });

  it('with wrong columns says which are missing', async () => {
    await expect(prepare(mosi(ROWS, {}, 'video_id,clip_id,words,label,mode'))).rejects.toMatchObject({
      code: 'data_columns',
      message: expect.stringMatching(/no column text/),
    });
  });

  it('is not written over by another folder, and is by its own under any path', async () => {
    const [one, other] = [mosi(ROWS), mosi(ROWS.slice(0, 1))];
    const out = join(one, 'out');
    const { file } = await prepare(one);
    const before = readFileSync(file);
    await expect(prepare(other, { out })).rejects.toMatchObject({
      code: 'checkpoint_mismatch',
      message: expect.stringContaining(`${file} was made of `) as unknown,
    });
    expect(readFileSync(file)).toEqual(before);
    expect(await prepare(dirname(one), { out })).toMatchObject({ file, encoded: 0 });
  });

  it('is known again where it lies elsewhere since, with rows that are new and some that are gone', async () => {
    const out = join(root, `out${number++}`);
    const { file } = await prepare(mosi(ROWS), { out });
    const { table } = await readPrepared(file);
    const moved = mosi(ROWS);
    expect(await prepare(moved, { out })).toMatchObject({ file, encoded: 0, withText: 3 });
    expect((await readPrepared(file)).table).toEqual(table);
    expect(await prepare(mosi([...ROWS.slice(1), 'v3,1,a text,1,train']), { out })).toMatchObject({ encoded: 1 });
  });

  it('cannot go below a file', async () => {
    const folder = mosi(ROWS);
    const out = join(folder, 'label.csv', 'out');
    await expect(prepare(folder, { out })).rejects.toMatchObject({ code: 'out_unwritable' });
  });

  it('is refused for another bundle', async () => {
    const { file } = await prepare(mosi(ROWS));
    const { dir } = await writeTinyBundle({ dir: join(root, 'other'), slots: 4, seed: 2 });
    const other = await loadLocalModel({ bundle: dir });
    await expect(preparedSet(file, { model: other })).rejects.toMatchObject({ code: 'sweep_bundle' });
    await other.close();
  });
});
