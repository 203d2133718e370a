import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytes } from '../cli/bytes.ts';
import { exportVision } from '../models/foundation/vit/export-vision.ts';
import { randomVision } from '../models/foundation/vit/random-vision.ts';
import { commitOf, type HubServer, startHub } from './support/hub-server.ts';
import { tinyClip, tinyClipEntry } from './support/tiny-clip.ts';

const TEXT = 'onnx/text_model.onnx';

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('undertone models', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-cli-models-'));
  let hub: HubServer;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    hub = await startHub(tinyClip());
    const { licence } = tinyClipEntry();
    const strict = tinyClipEntry({ name: 'strict-clip', licence: { ...licence, id: 'NC', accept: true } });
    writeFileSync(join(folder, 'catalogue.json'), JSON.stringify({ format: 1, models: [tinyClipEntry(), strict] }));
    env = {
      ...process.env,
      UNDERTONE_MODELS_DIR: join(folder, 'models'),
      UNDERTONE_MODELS_LOCK: join(folder, 'undertone-lock.json'),
      UNDERTONE_MODELS_CATALOGUE: join(folder, 'catalogue.json'),
      UNDERTONE_HUB_STALL_MS: '20000',
      HF_ENDPOINT: `${hub.url}/`,
    };
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const child = spawn(process.execPath, ['bin/undertone.mjs', 'models', ...args], { env, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString('utf8')));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString('utf8')));
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (status) => resolve({ status, stdout, stderr }));
    });
    return { child, ended };
  }

  const run = async (...args: string[]): Promise<Ended> => start(...args).ended;

  test('pull, interrupted and taken up again; list, verify, remove', async () => {
    hub.stallAfter.set(TEXT, 5000);
    const pull = start('pull', 'tiny-clip');
    const staging = join(folder, 'models', '.staging');
    const partly = (): boolean =>
      existsSync(staging) &&
      readdirSync(staging, { recursive: true }).some((file) => String(file).endsWith(`${TEXT}.part`));
    while (!partly() && pull.child.exitCode === null) await delay(50);
    await delay(200);
    pull.child.kill('SIGINT');
    const stopped = await pull.ended;
    expect(stopped).toMatchObject({ status: 1, stdout: '' });
    expect(stopped.stderr).toContain('undertone: interrupted');
    expect(stopped.stderr).toContain('Tiny CLIP: licence MIT, https://example.org/licence');

    hub.requests.length = 0;
    const pulled = await run('pull', 'tiny-clip');
    expect(pulled).toMatchObject({ status: 0 });
    expect(pulled.stdout).toContain(`tiny-clip (float32, revision ${hub.commit}) is installed in ${folder}`);
    expect(hub.requests.filter((request) => request.includes('vision_model'))).toEqual([]);
    const files = tinyClip();
    const lines = Object.entries(files).map(([file, data]) => `undertone: pulling ${file}, ${bytes(data.length)}`);
    expect(
      pulled.stderr
        .split('\n')
        .filter((line) => line.includes(' pulling '))
        .sort(),
    ).toEqual(lines.sort());

    const { stdout: list } = await run('list');
    expect(list).toContain('undertone-compact@');
    expect(list).toContain(`tiny-clip (float32, ${hub.commit.slice(0, 12)})`);
    expect(list).toContain('clip-vit-b32');

    expect((await run('verify', 'tiny-clip')).stdout).toMatch(
      /tiny-clip .* is whole: \d files, manifest sha256 [0-9a-f]{64}/,
    );
    env['UNDERTONE_MODELS_VARIANT'] = 'int8';
    const other = await run('verify', 'tiny-clip');
    delete env['UNDERTONE_MODELS_VARIANT'];
    expect(other).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('--variant int8') });
    expect(existsSync(join(folder, 'undertone-lock.json'))).toBe(true);
    expect((await run('remove', 'tiny-clip')).stdout).toContain('removed ');
    expect(existsSync(join(folder, 'models', 'tiny-clip'))).toBe(false);
  });

  test.each([
    ['a licence that is not accepted', 2, ['pull', 'strict-clip'], 'licence_not_accepted'],
    ['an unknown model', 2, ['pull', 'nope'], 'foundation_unknown'],
    ['one to be converted', 2, ['pull', 'xclip-b32'], 'foundation_conversion'],
    ['a revision of a folder', 2, ['pull', 'tiny-clip', '--from', '.', '--revision', 'main'], 'bad_usage'],
    ['no network', 1, ['pull', 'tiny-clip', '--offline'], 'hub_offline'],
    ['a model to verify that is not here', 1, ['verify', 'clip-vit-b32'], 'foundation_not_installed'],
    ['nothing of that name to verify', 1, ['verify', 'nope'], 'bundle_not_found'],
    ['nothing to remove', 1, ['remove', 'siglip-b16'], 'foundation_not_installed'],
  ])('ends with one line for %s', async (_what, status, args, code) => {
    const ended = await run(...args);
    expect(ended.status).toBe(status);
    expect(ended.stderr.trim().split('\n').at(-1)).toContain(`(${code})`);
  });

  test('--precision decides how the image encoder is rewritten', async () => {
    const size = { imageSize: 32, patch: 8, width: 32, heads: 4, layers: 2, feed: 64, dimension: 16 };
    const vision = exportVision(randomVision({ ...size, activation: 'quick_gelu' }, 1));
    hub.repository.set(commitOf('vit'), { ...tinyClip(), 'onnx/vision_model.onnx': vision });
    for (const precision of ['int8', 'float32']) {
      const pulled = await run('pull', 'tiny-clip', '--revision', commitOf('vit'), '--precision', precision);
      expect(pulled.stderr).toContain(`rewritten in ${precision}: `);
      const again = await run('pull', 'tiny-clip', '--precision', precision);
      expect(again.stdout).toContain('was installed');
      expect(again.stderr).toContain('stays as it was installed; `undertone models remove tiny-clip`');
      expect((await run('remove', 'tiny-clip')).status).toBe(0);
    }
  });

  test('an accepted licence is in the manifest', async () => {
    expect(await run('pull', 'strict-clip', '--accept-licence')).toMatchObject({ status: 0 });
    const { readFoundation } = await import('../models/foundation/read-foundation.ts');
    const { listFoundations } = await import('../models/foundation/installed.ts');
    const [found] = listFoundations(join(folder, 'models'));
    const { manifest } = await readFoundation(found?.dir ?? '');
    expect(manifest.licence).toEqual({ id: 'NC', url: 'https://example.org/licence', accepted: true });
  });

  test('bootstrap makes a bundle for what is installed', async () => {
    await run('pull', 'strict-clip', '--accept-licence');
    const out = join(folder, 'heads');
    const { status, stdout } = await run('bootstrap', 'strict-clip', '--out', out);
    const dir = /^bundle: (.*)\n$/.exec(stdout)?.[1] ?? '';
    expect([status, dir.startsWith(out)]).toEqual([0, true]);
    const manifest: unknown = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ foundation: { name: 'strict-clip' }, training: { gap: 'none' } });
  });
});
