import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../../models/graph/onnx/gen/onnx_pb.ts';
import { rewritePulled } from '../../../models/foundation/rewrite-pulled.ts';
import { exportVision } from '../../../models/foundation/vit/export-vision.ts';
import { randomVision } from '../../../models/foundation/vit/random-vision.ts';
import type { CatalogueEntry } from '../../../models/foundation/catalogue.ts';
import { UndertoneError } from '../../../models/errors.ts';
import type { FoundationConfig } from '../../../models/foundation/config.ts';
import type { DraftManifest } from '../../../models/foundation/install.ts';
import { holdFolder } from '../../../models/hold-folder.ts';
import { importFiles } from '../../../models/foundation/import-files.ts';
import { findFoundation, listFoundations } from '../../../models/foundation/installed.ts';
import { openFoundation } from '../../../models/foundation/open-foundation.ts';
import { type PullProgress, pullFoundation } from '../../../models/foundation/pull.ts';
import { removeFoundation } from '../../../models/foundation/remove.ts';
import { verifyFoundation } from '../../../models/foundation/verify.ts';
import { findBundle } from '../../../models/bundle/find-bundle.ts';
import { readBundle } from '../../../models/bundle/read-bundle.ts';
import { sha256 } from '../../../models/bundle/sha256.ts';
import { type HubServer, commitOf, startHub } from '../../support/hub-server.ts';
import { startHttpProxy } from '../../support/http-proxy.ts';
import { tinyClip, tinyClipEntry } from '../../support/tiny-clip.ts';
import { withExternalData } from '../../support/external-data.ts';
import { writeFiles } from '../../support/write-files.ts';

const VISION = 'onnx/vision_model.onnx';
const TEXT = 'onnx/text_model.onnx';
const FILES = tinyClip();

let hub: HubServer;
let folder: string;
let config: FoundationConfig;

beforeEach(async () => {
  hub = await startHub(FILES);
  folder = mkdtempSync(join(tmpdir(), 'undertone-foundation-'));
  config = configOf(tinyClipEntry());
});

afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

function configOf(entry: CatalogueEntry): FoundationConfig {
  const catalogue = join(folder, 'catalogue.json');
  writeFileSync(catalogue, JSON.stringify({ format: 1, models: [entry] }));
  return {
    dir: join(folder, 'models'),
    lockFile: join(folder, 'lock.json'),
    endpoint: hub.url,
    token: undefined,
    offline: false,
    stallMs: 2000,
    variant: undefined,
    catalogue,
  };
}

const pull = (options: Parameters<typeof pullFoundation>[1] = {}) =>
  pullFoundation('tiny-clip', { config, ...options });
const lock = (): { models: Record<string, { revision: string; files: Record<string, object> }> } =>
  JSON.parse(readFileSync(config.lockFile, 'utf8'));
const asked = (what: string): string[] => hub.requests.filter((request) => request.includes(what));

describe('pull', { timeout: 120_000 }, () => {
  test('downloads, describes, pins and installs; the encoders give unit vectors', async () => {
    const progress: PullProgress[] = [];
    const { foundation, fresh } = await pull({ onProgress: (now) => progress.push(now) });
    expect(fresh).toBe(true);
    expect(foundation.manifest).toMatchObject({
      kind: 'foundation',
      name: 'tiny-clip',
      variant: 'float32',
      revision: hub.commit,
      dimension: 16,
      licence: { id: 'MIT', accepted: false },
    });
    expect(foundation.manifest.encoders.map(({ encoder }) => encoder)).toMatchObject([
      {
        file: VISION,
        inputs: { pixels: 'pixel_values' },
        tensor: { layout: 'nchw', mean: [0.48145466, 0.4578275, 0.40821073] },
        preprocessing: { size: 32, fit: 'cover', filter: 'bicubic', resize: 32 },
      },
      { file: TEXT, inputs: { tokens: 'input_ids' }, preprocessing: { max_tokens: 20, keep: 'start', clean: 'clip' } },
    ]);
    const total = Object.values(FILES).reduce((sum, bytes) => sum + bytes.length, 0);
    expect(progress.at(-1)).toMatchObject({ bytes: total, totalBytes: total });
    expect(progress.every(({ bytes }, i) => bytes >= (progress[i - 1]?.bytes ?? 0))).toBe(true);
    expect(lock().models['tiny-clip:float32']).toMatchObject({
      revision: hub.commit,
      files: { [VISION]: { size: FILES[VISION]?.length, sha256: sha256(FILES[VISION] ?? '') } },
    });
    expect(existsSync(join(config.dir, '.staging'))).toBe(true);
    expect(readdirSync(join(config.dir, '.staging'))).toEqual([]);

    const model = await openFoundation(foundation.dir, { threads: 1 });
    try {
      const texts = await model.encodeTexts(['happy', 'a sad person']);
      const { embeddings, failures } = await model.encodeImages([
        { kind: 'rgb', width: 40, height: 50, data: new Uint8Array(40 * 50 * 3).fill(90) },
        { kind: 'image', bytes: Buffer.from('no image') },
      ]);
      expect(failures.map(({ index, error }) => [index, error.code])).toEqual([[1, 'image_format']]);
      for (const row of [texts.subarray(0, 16), texts.subarray(16), embeddings.subarray(0, 16)])
        expect(Math.hypot(...row)).toBeCloseTo(1, 5);
      expect([model.dimension, model.imageSize]).toEqual([16, 32]);
    } finally {
      await model.close();
    }
  });

  test('what is installed and whole is not downloaded again', async () => {
    await pull();
    hub.requests.length = 0;
    const { fresh } = await pull();
    expect(fresh).toBe(false);
    expect(hub.requests).toEqual([]);
    await expect(pull({ config: { ...config, offline: true } })).resolves.toMatchObject({ fresh: false });
  });

  test.each([
    ['changed', (file: string) => appendFileSync(file, 'x')],
    ['missing', (file: string) => rmSync(file)],
  ])('of a model with a %s file only that file is downloaded', async (_what, spoil) => {
    const { foundation } = await pull();
    for (const file of ['tokenizer.json', 'manifest.json']) {
      hub.requests.length = 0;
      spoil(join(foundation.dir, file));
      await expect(pull()).resolves.toMatchObject({ fresh: true, foundation: { dir: foundation.dir } });
      expect(new Set(asked('/resolve/').map((request) => basename(request.split(' ')[1] ?? '')))).toEqual(
        new Set(file === 'tokenizer.json' ? [file] : []),
      );
    }
  });

  test('of two at once the second waits, and finds it installed', async () => {
    const waits: string[] = [];
    const both = await Promise.all(['a', 'b'].map((who) => pull({ onWait: () => waits.push(who) })));
    expect(new Set(both.map(({ fresh }) => fresh))).toEqual(new Set([true, false]));
    expect(waits).toHaveLength(1);
    expect(asked(`/cdn/${hub.commit}/${VISION}`).filter((request) => request.includes('bytes=0-'))).toHaveLength(1);
  });

  test('one that waits can be stopped; the turn of a process that was killed does not count', async () => {
    const turn = join(config.dir, '.staging', '.tiny-clip-float32.turn');
    const held = await holdFolder(turn);
    const ended = spawnSync(process.execPath, ['--eval', '']).pid;
    mkdirSync(join(turn, basename(held?.hidden ?? '').replace(`-${process.pid}-`, `-${ended}-`)));
    const stop = new AbortController();
    const stopped = pull({ signal: stop.signal, onWait: () => stop.abort(new Error('stopped')) });
    await expect(stopped).rejects.toThrow('stopped');
    expect(asked('/resolve/')).toEqual([]);
    await held?.release();
    await expect(pull()).resolves.toMatchObject({ fresh: true });
    expect(existsSync(turn)).toBe(false);
  });

  test('what is installed and whole is pinned for another project, and by its branch, without another download', async () => {
    const external = 'onnx/vision_model.onnx_data';
    const { onnx, data } = withExternalData(FILES[VISION] ?? new Uint8Array(), 'vision_model.onnx_data');
    hub.repository.set(hub.commit, { ...FILES, [VISION]: onnx, [external]: data });
    const transform: NonNullable<Parameters<typeof pull>[0]>['transform'] = async (dir, manifest) => {
      writeFileSync(join(dir, 'report.json'), '{}');
      return manifest;
    };
    await pull({ transform });
    const first = lock();
    hub.requests.length = 0;
    rmSync(config.lockFile);
    await expect(pull({ transform })).resolves.toMatchObject({ fresh: false });
    expect(lock()).toEqual(first);
    await expect(pull({ transform, revision: 'main' })).resolves.toMatchObject({ fresh: false });
    expect(lock()).toEqual(first);
    expect(asked('/resolve/')).toEqual([]);
  });

  test('a broken transfer goes on where it stopped, within a run', async () => {
    hub.breakAfter.set(VISION, 20_000);
    const { foundation } = await pull();
    expect(asked(`/cdn/${hub.commit}/${VISION} bytes=`).length).toBeGreaterThan(1);
    expect(asked(VISION).some((request) => /bytes=[1-9]\d*-/.test(request))).toBe(true);
    expect(foundation.manifest.files[VISION]).toBe(sha256(FILES[VISION] ?? ''));
  });

  test('a hub that falls silent is asked again', async () => {
    hub.stallAfter.set(TEXT, 9000);
    const { foundation } = await pull({ config: { ...config, stallMs: 300 } });
    expect(foundation.manifest.files[TEXT]).toBe(sha256(FILES[TEXT] ?? ''));
    expect(asked(`/cdn/${hub.commit}/${TEXT} bytes=9000-`)).toHaveLength(1);
  });

  test('and in the next run, after this one was stopped', async () => {
    const stop = new AbortController();
    let before: number | undefined;
    hub.breakAfter.set(TEXT, 10_000);
    const stopped = pull({
      signal: stop.signal,
      onProgress: ({ file, bytes }) => {
        if (file !== TEXT) return;
        before ??= bytes;
        if (bytes > before) stop.abort(new Error('stopped'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(listFoundations(config.dir)).toEqual([]);
    const [staged = ''] = readdirSync(join(config.dir, '.staging'));
    const part = join(config.dir, '.staging', staged, `${TEXT}.part`);
    const { size } = statSync(part);
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(10_000);
    hub.requests.length = 0;
    hub.breakAfter.clear();
    await pull();
    // What was whole is checked and kept; only the rest of the broken file is asked for, after the client's look at its size.
    expect(asked(VISION)).toEqual([]);
    expect(asked(`/cdn/${hub.commit}/${TEXT} bytes=`).at(-1)).toContain(`bytes=${size}-`);
  });

  test('one that is stopped after the download installs nothing; the next has it all', async () => {
    const transform = vi.fn<(dir: string, manifest: DraftManifest) => Promise<DraftManifest>>(async (_, made) => made);
    const afterDownload = new AbortController();
    const stopped = pull({
      transform,
      signal: afterDownload.signal,
      onProgress: ({ bytes, totalBytes }) => bytes === totalBytes && afterDownload.abort(new Error('stopped')),
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(transform).not.toHaveBeenCalled();
    const installing = new AbortController();
    transform.mockImplementation(async (_dir, manifest) => {
      installing.abort(new Error('stopped'));
      return manifest;
    });
    await expect(pull({ transform, signal: installing.signal })).rejects.toThrow('stopped');
    expect(listFoundations(config.dir)).toEqual([]);
    hub.requests.length = 0;
    await pull();
    expect(asked('/resolve/')).toEqual([]);
  });

  test.each([
    ['onnxruntime', new UndertoneError('model_unreadable', 'the rewritten graph is refused')],
    ['the program', new TypeError('a defect')],
  ])('a rewrite that fails by %s costs no download: one without it has it all', async (_by, failure) => {
    const transform = async (dir: string): Promise<DraftManifest> => {
      for (const made of ['onnx/vision_model.rewritten.onnx', '.rewrite.json']) writeFileSync(join(dir, made), '{}');
      throw failure;
    };
    await expect(pull({ transform })).rejects.toBe(failure);
    expect(listFoundations(config.dir)).toEqual([]);
    hub.requests.length = 0;
    const { foundation, fresh } = await pull();
    expect(fresh).toBe(true);
    expect(asked('/resolve/')).toEqual([]);
    expect(Object.keys(foundation.manifest.files).sort()).toEqual(Object.keys(FILES).sort());
    expect(existsSync(join(foundation.dir, '.rewrite.json'))).toBe(false);
    expect(readdirSync(join(config.dir, '.staging'))).toEqual([]);
  });

  test('what does not fit is kept, too, and goes with `remove`', async () => {
    config = configOf(tinyClipEntry({ dimension: 32 }));
    await expect(pull()).rejects.toMatchObject({ code: 'foundation_input' });
    config = configOf(tinyClipEntry());
    hub.requests.length = 0;
    await expect(pull()).resolves.toMatchObject({ fresh: true });
    expect(asked('/resolve/')).toEqual([]);
    config = configOf(tinyClipEntry({ dimension: 32 }));
    await removeFoundation('tiny-clip', undefined, config);
    await expect(pull()).rejects.toMatchObject({ code: 'foundation_input' });
    await expect(removeFoundation('tiny-clip', undefined, config)).resolves.toHaveLength(1);
    expect(readdirSync(join(config.dir, '.staging'))).toEqual([]);
  });

  test('of local files that do not fit no copy stays', async () => {
    const from = join(folder, 'converted');
    writeFiles(from, FILES);
    config = configOf(tinyClipEntry({ dimension: 32 }));
    await expect(pull({ from })).rejects.toMatchObject({ code: 'foundation_input' });
    expect(readdirSync(join(config.dir, '.staging'))).toEqual([]);
  });

  test('nor of those whose import is stopped, which copies nothing more', async () => {
    const from = join(folder, 'converted');
    writeFiles(from, FILES);
    const reason = new Error('stopped');
    const signal = AbortSignal.abort(reason);
    await expect(importFiles(from, join(folder, 'copy'), [VISION, TEXT], signal)).rejects.toBe(reason);
    expect(existsSync(join(folder, 'copy'))).toBe(false);
    await expect(pull({ from, signal })).rejects.toBe(reason);
    expect(readdirSync(join(config.dir, '.staging'))).toEqual([]);
  });

  test.each(['hf_test', 'token-of-a-mirror'])('%s goes along; without it the error says what to do', async (token) => {
    hub.token = token;
    await expect(pull()).rejects.toMatchObject({ code: 'hub_denied', message: expect.stringContaining('HF_TOKEN') });
    config = { ...config, token };
    await expect(pull()).resolves.toMatchObject({ fresh: true });
  });

  test.each([
    ['does not know: renew or unset it', 401, /refuses the token of HF_TOKEN; renew it, or unset it/],
    ['knows, and whose owner accepted no terms', 403, /accept its terms there and set HF_TOKEN/],
  ] as const)('a token that the hub %s', async (_what, refusal, message) => {
    Object.assign(hub, { token: 'hf_other', refusal });
    await expect(pull({ config: { ...config, token: 'hf_old' } })).rejects.toMatchObject({
      code: 'hub_denied',
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('the lock file decides which revision another machine gets', async () => {
    await pull();
    const first = hub.commit;
    hub.commit = commitOf('second');
    hub.repository.set(hub.commit, tinyClip({ seed: 2 }));
    rmSync(config.dir, { recursive: true });
    const again = await pull();
    expect(again.foundation.manifest.revision).toBe(first);
    const newer = await pull({ revision: 'main' });
    expect(newer.foundation.manifest.revision).toBe(commitOf('second'));
    expect(lock().models['tiny-clip:float32']?.revision).toBe(commitOf('second'));
    expect(listFoundations(config.dir)).toHaveLength(2);
  });

  test('a revision that states other files than the lock file pins is refused', async () => {
    await pull();
    hub.repository.set(hub.commit, tinyClip({ seed: 2 }));
    rmSync(config.dir, { recursive: true });
    await expect(pull()).rejects.toMatchObject({ code: 'lock_mismatch' });
  });

  test('without the network what is installed must be what the lock file pins', async () => {
    const first = hub.commit;
    const second = commitOf('second');
    hub.repository.set(second, tinyClip({ seed: 2 }));
    const one = await pull();
    const two = await pull({ revision: second });
    expect(lock().models['tiny-clip:float32']?.revision).toBe(second);
    rmSync(two.foundation.dir, { recursive: true });
    hub.requests.length = 0;
    const offline = { ...config, offline: true };
    const message = expect.stringMatching(`not installed whole at revision ${second}, and HF_HUB_OFFLINE`) as unknown;
    await expect(pull({ config: offline })).rejects.toMatchObject({ code: 'hub_offline', message });
    await expect(pull({ config: offline, revision: first })).resolves.toMatchObject({ fresh: false });
    await expect(pull({ config: offline, revision: 'main' })).rejects.toMatchObject({
      code: 'revision_offline',
      exitCode: 2,
      message: expect.stringMatching(/which commit main is.*HF_HUB_OFFLINE.*unset it/) as unknown,
    });
    await expect(pull({ offline: true, revision: first.slice(0, 12) })).rejects.toMatchObject({
      code: 'revision_offline',
      message: expect.stringMatching(/--offline forbids.*leave it out/) as unknown,
    });
    rmSync(config.lockFile);
    expect((await pull({ config: offline })).foundation.dir).toBe(one.foundation.dir);
    expect(hub.requests).toEqual([]);
  });

  test('an empty file comes along', async () => {
    hub.repository.set(hub.commit, { ...FILES, 'special_tokens_map.json': new Uint8Array() });
    const { foundation } = await pull();
    expect(foundation.manifest.files['special_tokens_map.json']).toBe(sha256(''));
  });

  test('tensors beside a graph come along', async () => {
    const external = 'onnx/vision_model.onnx_data';
    const { onnx, data } = withExternalData(FILES[VISION] ?? new Uint8Array(), 'vision_model.onnx_data');
    hub.repository.set(hub.commit, { ...FILES, [VISION]: onnx, [external]: data });
    const { foundation } = await pull();
    expect(foundation.manifest.files[external]).toBe(sha256(data));
  });

  test('files from a folder: a revision of their content, and the same checks', async () => {
    const from = join(folder, 'converted');
    writeFiles(from, FILES);
    const { foundation } = await pull({ from });
    expect(foundation.manifest).toMatchObject({ source: 'local files', revision: expect.stringMatching(/^local-/) });
    expect(hub.requests).toEqual([]);
    rmSync(join(from, TEXT));
    await expect(pull({ from })).rejects.toMatchObject({ code: 'import_missing' });
  });

  test('an image processor inside `processor_config.json`, from the hub and from a folder; not where it has its own', async () => {
    const { 'preprocessor_config.json': own = new Uint8Array(), ...rest } = FILES;
    const inside = { image_processor: JSON.parse(Buffer.from(own).toString('utf8')), processor_class: 'CLIPProcessor' };
    const saved = { ...rest, 'processor_config.json': Buffer.from(JSON.stringify(inside)) };
    const plain = (await pull()).foundation;
    await removeFoundation('tiny-clip', undefined, config);
    hub.repository.set(hub.commit, saved);
    const { foundation } = await pull();
    expect(Object.keys(foundation.manifest.files).sort()).toEqual(Object.keys(saved).sort());
    expect(foundation.manifest.encoders).toEqual(plain.manifest.encoders);
    const pinned = lock();
    expect(Object.keys(pinned.models['tiny-clip:float32']?.files ?? {})).toContain('processor_config.json');
    rmSync(config.lockFile);
    await expect(pull()).resolves.toMatchObject({ fresh: false });
    expect(lock()).toEqual(pinned);

    const from = join(folder, 'converted');
    writeFiles(from, saved);
    const imported = (await pull({ from })).foundation.manifest;
    expect(imported.files).toEqual(foundation.manifest.files);
    writeFiles(from, { 'preprocessor_config.json': own });
    expect(Object.keys((await pull({ from })).foundation.manifest.files)).not.toContain('processor_config.json');
    await removeFoundation('tiny-clip', undefined, config);
    hub.repository.set(hub.commit, { ...saved, 'preprocessor_config.json': own });
    expect((await pull()).foundation.manifest.files).toEqual(plain.manifest.files);

    for (const file of ['preprocessor_config.json', 'processor_config.json']) rmSync(join(from, file));
    const message = expect.stringContaining('preprocessor_config.json') as unknown;
    await expect(pull({ from })).rejects.toMatchObject({ code: 'import_missing', message });
    hub.repository.set(commitOf('without'), rest);
    await expect(pull({ revision: commitOf('without') })).rejects.toMatchObject({ code: 'hub_not_found', message });
  });

  test.each([VISION, 'tokenizer.json', 'tokenizer_config.json'])('%s that cannot be read is told of', async (file) => {
    const from = join(folder, 'converted');
    writeFiles(from, FILES);
    rmSync(join(from, file));
    mkdirSync(join(from, file));
    const unreadable = (why: string): unknown =>
      expect.objectContaining({
        code: 'import_missing',
        message: expect.stringContaining(`${file} in ${from} cannot be read (${why}`) as unknown,
      });
    await expect(pull({ from })).rejects.toEqual(unreadable('it is no file'));
    rmSync(join(from, file), { recursive: true });
    symlinkSync(basename(file), join(from, file));
    await expect(pull({ from })).rejects.toEqual(unreadable('ELOOP'));
    expect(listFoundations(config.dir)).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('files that this user may not read are told of', async () => {
    const from = join(folder, 'converted');
    writeFiles(from, FILES);
    for (const path of [join(from, TEXT), from]) {
      chmodSync(path, 0);
      await expect(pull({ from })).rejects.toMatchObject({
        code: 'import_missing',
        message: expect.stringContaining('EACCES') as unknown,
      });
      chmodSync(path, 0o700);
    }
  });

  test('a transform may change what is installed, and its files are in the manifest', async () => {
    const { foundation } = await pull({
      transform: async (dir, manifest) => {
        writeFileSync(join(dir, 'report.json'), '{}');
        return { ...manifest, encoders: manifest.encoders };
      },
    });
    expect(foundation.manifest.files['report.json']).toBe(sha256('{}'));
    expect(Object.keys(lock().models['tiny-clip:float32']?.files ?? {})).not.toContain('report.json');
  });
});

describe('behind a proxy', { timeout: 120_000 }, () => {
  afterEach(() => vi.unstubAllEnvs());

  test('everything comes by way of it, but not from a host that NO_PROXY names', async () => {
    const proxy = await startHttpProxy();
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    await pull();
    expect(proxy.requests).toEqual([]);
    vi.stubEnv('NO_PROXY', '');
    await removeFoundation('tiny-clip', undefined, config);
    hub.breakAfter.set(VISION, 20_000);
    const { foundation } = await pull();
    expect(foundation.manifest.files[VISION]).toBe(sha256(FILES[VISION] ?? ''));
    expect(proxy.requests.join('\n')).toContain(new URL(hub.url).host);
    await proxy.close();
  });

  test.each(['proxy.example:8080', 'http://', 'somewhere'])('%s is no address of one', async (address) => {
    vi.stubEnv('HTTPS_PROXY', address);
    await expect(pull()).rejects.toMatchObject({
      code: 'bad_setting',
      message: expect.stringContaining('HTTPS_PROXY'),
    });
  });

  test('an encrypted hub is asked for by a tunnel; a proxy that refuses is told of', async () => {
    const proxy = await startHttpProxy({ refuses: true });
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    await expect(pull({ config: { ...config, endpoint: 'https://hub.invalid' } })).rejects.toMatchObject({
      code: 'hub_unreachable',
      message: expect.stringContaining('407') as unknown,
    });
    expect(proxy.requests).toEqual(['CONNECT hub.invalid:443']);
    await proxy.close();
  });
});

describe('rewritten for a processor', { timeout: 120_000 }, () => {
  const image = {
    kind: 'rgb',
    width: 48,
    height: 40,
    data: new Uint8Array(48 * 40 * 3).map((_, i) => (i * 37) % 256),
  } as const;

  async function embedding(dir: string): Promise<Float32Array> {
    const model = await openFoundation(dir, { threads: 1 });
    try {
      return (await model.encodeImages([image])).embeddings;
    } finally {
      await model.close();
    }
  }

  test('an image encoder that is known: the service feeds it bytes, the original stays beside it', async () => {
    const size = { imageSize: 32, patch: 8, width: 32, heads: 4, layers: 2, feed: 64, dimension: 16 };
    const published = exportVision(randomVision({ ...size, activation: 'quick_gelu' }, 1));
    hub.repository.set(hub.commit, { ...FILES, [VISION]: published });
    const plain = (await pull()).foundation;
    const before = await embedding(plain.dir);
    await removeFoundation('tiny-clip', undefined, config);
    const reports: object[] = [];
    const transform = rewritePulled({ precision: 'float32', onReport: (report) => reports.push(report) });
    const { foundation } = await pull({ transform });
    const [part] = foundation.manifest.encoders;
    expect(part?.encoder).toMatchObject({ file: 'onnx/vision_model.rewritten.onnx', inputs: { pixels: 'pixels' } });
    expect(part?.encoder).not.toHaveProperty('tensor');
    expect(foundation.manifest.files[VISION]).toBe(sha256(published));
    expect(reports).toEqual([JSON.parse(readFileSync(join(foundation.dir, '.rewrite.json'), 'utf8'))]);
    const after = await embedding(foundation.dir);
    expect(after.reduce((sum, value, i) => sum + value * (before[i] ?? 0), 0)).toBeGreaterThan(0.9999);
    await expect(verifyFoundation({ name: 'tiny-clip' }, config)).resolves.toMatchObject({ dir: foundation.dir });

    // A service that opened it goes on with it when it was removed and pulled again.
    await removeFoundation('tiny-clip', undefined, config);
    expect((await pull({ transform })).foundation.manifest.files).toEqual(foundation.manifest.files);
  });

  test('SigLIP, whose probe attends to all tokens, by default and with its own mean and deviation', async () => {
    const size = { imageSize: 32, patch: 8, width: 16, heads: 2, layers: 2, feed: 32, dimension: 16 };
    const output = 'pooler_output';
    const vit = randomVision({ ...size, activation: 'gelu_tanh', form: 'siglip' }, 1);
    const preprocessor = {
      image_processor_type: 'SiglipImageProcessor',
      size: { height: 32, width: 32 },
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    };
    hub.repository.set(hub.commit, {
      ...FILES,
      [VISION]: exportVision(vit, { output }),
      'preprocessor_config.json': Buffer.from(JSON.stringify(preprocessor)),
    });
    config = configOf(tinyClipEntry({ image: { input: 'pixel_values', output } }));
    const before = await embedding((await pull()).foundation.dir);
    await removeFoundation('tiny-clip', undefined, config);
    const reasons: string[] = [];
    const { foundation } = await pull({ transform: rewritePulled({ onSkip: (reason) => reasons.push(reason) }) });
    expect(reasons).toEqual([]);
    expect(foundation.manifest.encoders[0]?.encoder).toMatchObject({
      file: 'onnx/vision_model.rewritten.onnx',
      inputs: { pixels: 'pixels' },
      output,
      preprocessing: { size: 32, fit: 'stretch' },
    });
    const after = await embedding(foundation.dir);
    expect(after.reduce((sum, value, i) => sum + value * (before[i] ?? 0), 0)).toBeGreaterThan(0.9999);
  });

  test('one whose tensors lie beside it is rewritten, too, with them inside', async () => {
    const size = { imageSize: 32, patch: 8, width: 32, heads: 4, layers: 1, feed: 64, dimension: 16 };
    const vision = exportVision(randomVision({ ...size, activation: 'gelu' }, 1), { fused: true });
    const { onnx, data } = withExternalData(vision, 'vision_model.onnx_data');
    hub.repository.set(hub.commit, { ...FILES, [VISION]: onnx, 'onnx/vision_model.onnx_data': data });
    const reports: { cosine: { min: number } }[] = [];
    const transform = rewritePulled({ precision: 'int8', onReport: (report) => reports.push(report) });
    const { foundation } = await pull({ transform });
    expect(foundation.manifest.encoders[0]?.encoder.file).toBe('onnx/vision_model.rewritten.onnx');
    expect(foundation.manifest.files[VISION]).toBe(sha256(onnx));
    expect(reports[0]?.cosine.min).toBeGreaterThan(0.995);
  });

  test('one that is not known stays as it is, and the reason is told', async () => {
    const reasons: string[] = [];
    const unknown = exportVision(
      randomVision(
        { imageSize: 32, patch: 8, width: 32, heads: 4, layers: 1, feed: 64, dimension: 16, activation: 'gelu' },
        1,
      ),
    );
    const model = fromBinary(ModelProtoSchema, unknown);
    for (const node of model.graph?.node ?? []) if (node.opType === 'Softmax') node.opType = 'LogSoftmax';
    hub.repository.set(hub.commit, { ...FILES, [VISION]: toBinary(ModelProtoSchema, model) });
    const { foundation } = await pull({ transform: rewritePulled({ onSkip: (reason) => reasons.push(reason) }) });
    expect(foundation.manifest.encoders[0]?.encoder.file).toBe(VISION);
    expect(reasons).toHaveLength(1);
  });
});

describe('refused, with nothing changed', { timeout: 120_000 }, () => {
  let installed: string;

  beforeEach(async () => {
    installed = (await pull()).foundation.sha256;
    hub.commit = commitOf('second');
  });

  afterEach(async () => {
    // Whatever was refused, what was installed before is whole.
    const { sha256: found } = await verifyFoundation({ name: 'tiny-clip' }, config);
    if (found !== installed || listFoundations(config.dir).length !== 1) throw new Error('the installed model changed');
  });

  const bad = (files: Record<string, Uint8Array>): void => void hub.repository.set(hub.commit, { ...FILES, ...files });
  const other = (): ReturnType<typeof pull> => pull({ revision: 'main' });

  test.each([
    ['a name that differs', { image: { input: 'pixels', output: 'image_embeds' } }, /no input pixels.*pixel_values/],
    ['an output that differs', { image: { input: 'pixel_values', output: 'pooler' } }, /no output pooler/],
    ['embeddings of another size', { dimension: 32 }, /has 16 values, not 32/],
  ])('%s', async (_what, change, message) => {
    bad({});
    config = configOf(tinyClipEntry(change));
    await expect(other()).rejects.toMatchObject({ code: 'foundation_input', message: expect.stringMatching(message) });
    config = configOf(tinyClipEntry());
  });

  test('an input of another shape', async () => {
    bad({ [VISION]: tinyClip({ size: 40 })[VISION] ?? new Uint8Array() });
    await expect(other()).rejects.toMatchObject({
      code: 'foundation_input',
      message: expect.stringContaining('float32 [batch_size, 3, 40, 40], not [?, 3, 32, 32]'),
    });
  });

  test.each([
    ['../../secret.bin', 'foundation_external'],
    ['/etc/passwd', 'foundation_external'],
    ['C:\\weights.bin', 'foundation_external'],
    ['the weights.bin', 'foundation_external'],
    ['gone.bin', 'hub_not_found'],
  ])('tensors in %s', async (location, code) => {
    const { onnx } = withExternalData(FILES[VISION] ?? new Uint8Array(), location);
    bad({ [VISION]: onnx });
    await expect(other()).rejects.toMatchObject({ code });
  });

  test('tensors in a hidden file, which no checksum would cover: refused before the file is asked for, and not pinned', async () => {
    const { onnx, data } = withExternalData(FILES[VISION] ?? new Uint8Array(), '.weights');
    bad({ [VISION]: onnx, 'onnx/.weights': data });
    await expect(other()).rejects.toMatchObject({ code: 'foundation_external' });
    await expect(pull()).resolves.toMatchObject({ fresh: false });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('embeddings that are %d', async (value) => {
    const edit = (params: Map<string, Float32Array>): void => void params.get('text.offset')?.fill(value, 3, 4);
    bad({ [TEXT]: tinyClip({ edit })[TEXT] ?? new Uint8Array() });
    await expect(other()).rejects.toMatchObject({ code: 'embedding_not_finite' });
  });

  test.each(['tokenizer.json', VISION])('a changed byte of %s', async (file) => {
    bad({});
    const bytes = Uint8Array.from(FILES[file] ?? []);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    hub.tampered.set(file, bytes);
    await expect(other()).rejects.toMatchObject({ code: 'download_checksum' });
  });

  test('a file that ends early, again and again', async () => {
    bad({});
    hub.tampered.set(VISION, (FILES[VISION] ?? new Uint8Array()).subarray(0, 5000));
    await expect(other()).rejects.toMatchObject({
      code: 'download_interrupted',
      message: expect.stringContaining(`5000 of ${FILES[VISION]?.length}`),
    });
  });

  test('a mirror that gives no part of a file: the reason is told, not that it goes on', async () => {
    bad({});
    hub.ranges = false;
    await expect(other()).rejects.toMatchObject({
      code: 'hub_unreachable',
      message: expect.stringMatching(/did not give .* \(Expected size information\)/),
    });
  });

  test('an answer without a checksum; files that nobody asked for are not taken', async () => {
    bad({});
    hub.unasked.push({ type: 'file', path: '../evil', size: 3, oid: 'a'.repeat(40) });
    hub.unasked.push({ type: 'file', path: 'config.json', size: 3 });
    await expect(other()).rejects.toMatchObject({
      code: 'hub_unreachable',
      message: expect.stringContaining('no checksum of config.json'),
    });
    expect(asked('evil')).toEqual([]);
    expect(existsSync(join(config.dir, '.staging'))).toBe(true);
    expect(readdirSync(config.dir)).not.toContain('evil');
  });

  test('an ONNX file that is none', async () => {
    bad({ [TEXT]: Buffer.from('<html>not found</html>') });
    const message = expect.stringMatching(/^onnx\/text_model.onnx: these bytes are no whole ONNX model/);
    await expect(other()).rejects.toMatchObject({ code: 'onnx_unreadable', message });
  });

  test.runIf(existsSync('/dev/full'))('a disk that is full: said at once, and not tried again', async () => {
    bad({});
    const part = join(config.dir, '.staging', `tiny-clip-float32-${hub.commit.slice(0, 12)}`, `${VISION}.part`);
    mkdirSync(dirname(part), { recursive: true });
    symlinkSync('/dev/full', part);
    hub.requests.length = 0;
    await expect(other()).rejects.toMatchObject({
      code: 'models_unwritable',
      message: expect.stringContaining(`cannot write ${config.dir} (ENOSPC`),
    });
    expect(asked(`/cdn/${hub.commit}/${VISION}`).length).toBeLessThanOrEqual(2);
  });

  test('a preprocessing that is not done here', async () => {
    const published = JSON.parse(Buffer.from(FILES['preprocessor_config.json'] ?? []).toString('utf8')) as object;
    bad({ 'preprocessor_config.json': Buffer.from(JSON.stringify({ ...published, resample: 1 })) });
    await expect(other()).rejects.toMatchObject({ code: 'foundation_config' });
  });

  test('a licence that was not accepted: nothing is asked of the hub', async () => {
    hub.requests.length = 0;
    config = configOf(tinyClipEntry({ licence: { ...tinyClipEntry().licence, id: 'NC', accept: true } }));
    await expect(other()).rejects.toMatchObject({ code: 'licence_not_accepted', exitCode: 2 });
    expect(hub.requests).toEqual([]);
    config = configOf(tinyClipEntry());
  });

  test('what is installed needs no licence accepted again', async () => {
    config = configOf(tinyClipEntry({ licence: { ...tinyClipEntry().licence, id: 'NC', accept: true } }));
    await expect(pull()).resolves.toMatchObject({ fresh: false });
    await expect(pull({ config: { ...config, offline: true } })).resolves.toMatchObject({ fresh: false });
    await expect(pull({ from: folder })).rejects.toMatchObject({ code: 'licence_not_accepted' });
    config = configOf(tinyClipEntry());
  });

  test('no network, no such hub, no such revision, no such model', async () => {
    await expect(pull({ revision: commitOf('none') })).rejects.toMatchObject({ code: 'hub_not_found' });
    await expect(
      pull({ revision: 'main', config: { ...config, endpoint: 'http://127.0.0.1:9' } }),
    ).rejects.toMatchObject({ code: 'hub_unreachable' });
    await expect(pull({ revision: commitOf('none'), config: { ...config, offline: true } })).rejects.toMatchObject({
      code: 'hub_offline',
    });
    await expect(pullFoundation('no-such', { config })).rejects.toMatchObject({ code: 'foundation_unknown' });
    await expect(pull({ variant: 'int4' })).rejects.toMatchObject({ code: 'foundation_unknown' });
    await expect(pullFoundation('imagebind-huge', { config, acceptLicence: true })).rejects.toMatchObject({
      code: 'foundation_conversion',
    });
  });
});

describe('verify and remove', { timeout: 120_000 }, () => {
  test('a foundation model is no bundle, and the message says what makes one of it', async () => {
    vi.stubEnv('UNDERTONE_MODELS_DIR', config.dir);
    const { dir } = (await pull()).foundation;
    expect(() => findBundle('tiny-clip')).toThrow(/train --foundation tiny-clip.*models bootstrap tiny-clip/);
    await expect(readBundle(dir)).rejects.toMatchObject({
      code: 'bundle_manifest',
      message: expect.stringContaining('foundation model, which has no heads'),
    });
    expect(() => findFoundation(config.dir, { name: 'tiny-clip', variant: 'int8' })).toThrow(
      'models pull tiny-clip --variant int8`',
    );
    vi.unstubAllEnvs();
  });

  test('a changed, a missing and a foreign file are found; a pull repairs them', async () => {
    const { dir } = (await pull()).foundation;
    const verify = (): Promise<unknown> => verifyFoundation({ name: 'tiny-clip' }, config);
    await expect(verify()).resolves.toMatchObject({ dir });
    appendFileSync(join(dir, VISION), 'x');
    await expect(verify()).rejects.toMatchObject({
      code: 'bundle_checksum',
      message: expect.stringContaining('pull the foundation model'),
    });
    await expect(openFoundation(dir)).rejects.toMatchObject({ code: 'bundle_checksum' });
    await pull();
    await expect(verify()).resolves.toMatchObject({ dir });
    writeFileSync(join(dir, 'onnx/more.bin'), 'x');
    await expect(verify()).rejects.toMatchObject({ code: 'bundle_checksum' });
  });

  test('other files under the same manifest are found by the lock file; a pull repairs them', async () => {
    const { dir } = (await pull()).foundation;
    const other = tinyClip({ seed: 3 })[VISION] ?? new Uint8Array();
    const manifest = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as { files: Record<string, string> };
    manifest.files[VISION] = sha256(other);
    writeFileSync(join(dir, VISION), other);
    writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
    await expect(verifyFoundation({ name: 'tiny-clip' }, config)).rejects.toMatchObject({ code: 'lock_mismatch' });
    await expect(pull({ offline: true })).rejects.toMatchObject({ code: 'lock_mismatch' });
    hub.requests.length = 0;
    await expect(pull()).resolves.toMatchObject({ fresh: true, foundation: { dir } });
    expect(new Set(asked('/cdn/').map((request) => request.split(' ')[1]))).toEqual(
      new Set([`/cdn/${hub.commit}/${VISION}`]),
    );
    await expect(verifyFoundation({ name: 'tiny-clip' }, config)).resolves.toMatchObject({ dir });
  });

  test('remove takes all of it and its pin; then there is nothing', async () => {
    const { dir } = (await pull()).foundation;
    await expect(removeFoundation('tiny-clip', undefined, config)).resolves.toEqual([dir]);
    expect(existsSync(dir)).toBe(false);
    expect(lock().models).toEqual({});
    await expect(removeFoundation('tiny-clip', undefined, config)).rejects.toMatchObject({
      code: 'foundation_not_installed',
    });
    await expect(verifyFoundation({ name: 'tiny-clip' }, config)).rejects.toMatchObject({
      code: 'foundation_not_installed',
    });
  });

  test('remove waits for a pull that is under way, or until it is stopped', async () => {
    const waits: string[] = [];
    const removed: Promise<unknown>[] = [];
    const transform = async (dir: string, manifest: DraftManifest): Promise<DraftManifest> => {
      const stop = new AbortController();
      const onWait = (): void => stop.abort(new Error('stopped'));
      const stopped = removeFoundation('tiny-clip', undefined, config, { signal: stop.signal, onWait });
      await expect(stopped).rejects.toThrow('stopped');
      expect(existsSync(join(dir, VISION))).toBe(true);
      await new Promise<void>((resolve) => {
        const waited = (): void => resolve(void waits.push('remove'));
        removed.push(removeFoundation('tiny-clip', undefined, config, { onWait: waited }));
      });
      return manifest;
    };
    const { foundation } = await pull({ transform });
    await expect(removed[0]).resolves.toEqual([foundation.dir]);
    expect(waits).toEqual(['remove']);
    expect(lock().models).toEqual({});
    expect(readdirSync(config.dir)).toEqual(['.staging']);
  });

  test('remove leaves the downloads of a model whose name goes on, and of a form whose name goes on', async () => {
    const staging = join(config.dir, '.staging');
    const others = ['tiny-clip-large-float32-0123456789ab', 'tiny-clip-int8x-0123456789ab'];
    const own = ['tiny-clip-int8', 'tiny-clip-int8-0123456789ab'];
    for (const name of [...others, ...own]) mkdirSync(join(staging, name), { recursive: true });
    const removed = await removeFoundation('tiny-clip', 'int8', config);
    expect([...removed].sort()).toEqual(own.map((name) => join(staging, name)));
    for (const name of others) expect(existsSync(join(staging, name))).toBe(true);
    await expect(removeFoundation('tiny-clip', undefined, config)).resolves.toEqual([
      join(staging, 'tiny-clip-int8x-0123456789ab'),
    ]);
  });

  test('remove takes what is left of a model that was replaced, too', async () => {
    const { dir } = (await pull()).foundation;
    const left = join(dirname(dir), `.${basename(dir)}.old-0123456789ab`);
    mkdirSync(left);
    const removed = await removeFoundation('tiny-clip', 'float32', config);
    expect([...removed].sort()).toEqual([left, dir].sort());
    expect(existsSync(dirname(dir))).toBe(false);
  });

  test.runIf(existsSync('/proc/self/fdinfo/0'))('what the system does not let go is said', async () => {
    // The kernel's own files have names like forms of weights, and stay.
    await expect(removeFoundation('fdinfo', '0', { ...config, dir: '/proc/self' })).rejects.toMatchObject({
      code: 'models_unwritable',
      message: expect.stringMatching(/cannot remove .*fdinfo/),
    });
  });

  test('one whose manifest is broken is removed, too; nothing outside the models is', async () => {
    const { dir } = (await pull()).foundation;
    writeFileSync(join(dir, 'manifest.json'), '{');
    await expect(removeFoundation('..', undefined, config)).rejects.toMatchObject({ code: 'foundation_not_installed' });
    await expect(removeFoundation('tiny-clip', 'int8', config)).rejects.toMatchObject({
      code: 'foundation_not_installed',
    });
    await expect(removeFoundation('tiny-clip', 'float32', config)).resolves.toEqual([dir]);
    expect(existsSync(join(config.dir, 'tiny-clip'))).toBe(false);
    expect(lock().models).toEqual({});
  });

  test('a lock file that is none is not overwritten', async () => {
    writeFileSync(config.lockFile, '{');
    await expect(pull()).rejects.toMatchObject({ code: 'lock_invalid' });
    await expect(pull({ revision: 'main' })).rejects.toMatchObject({ code: 'lock_invalid' });
    expect(hub.requests).toEqual([]);
    expect(readFileSync(config.lockFile, 'utf8')).toBe('{');
  });

  test('a file in place of the folder of the models: every use of it says so', async () => {
    const dir = join(folder, 'file');
    writeFileSync(dir, '');
    const message = expect.stringContaining(dir) as unknown;
    for (const root of [dir, join(dir, 'below')]) {
      expect(() => listFoundations(root)).toThrow(expect.objectContaining({ code: 'models_unreadable', message }));
      const there = { ...config, dir: root, lockFile: join(root, 'lock.json') };
      await expect(pull({ config: there })).rejects.toMatchObject({ code: 'models_unwritable', message });
      expect(asked('/resolve/')).toEqual([]);
    }
  });

  test('a lock file that cannot be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const lockFile = join(file, 'lock.json');
    await expect(pull({ config: { ...config, lockFile } })).rejects.toMatchObject({
      code: 'models_unwritable',
      message: expect.stringContaining(`cannot write ${lockFile} (E`),
    });
  });
});
