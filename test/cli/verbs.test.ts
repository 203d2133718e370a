import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportVision } from '../../models/foundation/vit/export-vision.ts';
import { randomVision } from '../../models/foundation/vit/random-vision.ts';
import { EMOTIONS } from '../../training/datasets/emotions.ts';
import { Clips, hasFfmpeg } from '../pipeline/replay/clips.ts';
import { npy, npyHeader } from '../support/npy.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { pairsOf } from '../training/foundation/pairs-of.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-cli-verbs-'));
const data = join(root, 'clips');
let bundle: string;

beforeAll(async () => {
  bundle = (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2, emotions: EMOTIONS })).dir;
  mkdirSync(data);
  const lines = Array.from({ length: 24 }, (_, i) => {
    const happy = i % 2 === 0;
    const text = happy ? 'so happy' : 'a sad day';
    return JSON.stringify({ id: `${i}`, split: i % 3 === 0 ? 'val' : 'train', text, score: happy ? 2 : -2 });
  });
  writeFileSync(join(data, 'manifest.jsonl'), [...lines, '{"id":"24","split":"val"}'].join('\n'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function undertone(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const settings = { ...process.env, UNDERTONE_PROVIDER: 'cpu', UNDERTONE_WORKERS: '1', ...env };
  const options = { encoding: 'utf8', env: settings } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/undertone.mjs', ...args], options);
  return { status, stdout, stderr };
}

describe('from the command line to the end', { timeout: 180_000 }, () => {
  it('replay takes its options, and its summary is the one that it writes', () => {
    const captions = join(root, 'short.srt');
    writeFileSync(captions, '1\n00:00:00,000 --> 00:00:02,000\nso happy\n');
    const out = join(root, 'replayed');
    const loss = ['--drop', 'text=1', '--seed', '7'];
    const shape = ['--hop', '500', '--smoothing', '0.5', '--counterfactuals'];
    const args = ['replay', captions, '--out', out, '--bundle', bundle, ...loss, ...shape, '--json'];
    const { status, stdout } = undertone(args);
    expect(status).toBe(0);
    const summary: unknown = JSON.parse(stdout);
    expect(summary).toMatchObject({
      status: 'complete',
      bundle: { name: 'tiny' },
      options: { hop_ms: 500, smoothing: 0.5, counterfactuals: true, seed: 7, drop: { text: { rate: 1, seed: 7 } } },
      predictions: { written: 4 },
    });
    expect(readdirSync(out).toSorted()).toEqual(['report.html', 'summary.json', 'timeline.csv', 'timeline.jsonl']);
    expect(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))).toEqual(summary);
  });

  it.skipIf(!hasFfmpeg)('replay of a video that is cut off says so, and fails', () => {
    const clips = new Clips();
    try {
      const video = clips.cut('cut.mp4', clips.draw('whole.mp4', 4, { args: ['-movflags', '+faststart'] }), 0.5);
      const args = ['replay', video, '--out', clips.path('out'), '--bundle', bundle];
      const { status, stdout } = undertone(args);
      expect([status, stdout]).toEqual([1, expect.stringContaining('video_truncated')]);
    } finally {
      clips.remove();
    }
  });

  it('eval takes its options', () => {
    const lost = ['--missing', 'video=1', '--missing-level', 'slot', '--seed', '3', '--spoken', '0.5', '--skip-bad'];
    const args = [
      'eval',
      '--dataset',
      'clips',
      '--data',
      data,
      '--split',
      'val',
      '--bundle',
      bundle,
      ...lost,
      '--json',
    ];
    const { status, stdout, stderr } = undertone(args);
    expect([status, stdout.trim().split('\n').length]).toEqual([0, 1]);
    expect(JSON.parse(stdout)).toMatchObject({
      dataset: 'clips',
      split: 'val',
      n: 8,
      skipped: 1,
      missing: { video: 1 },
      missing_level: 'slot',
      seed: 3,
      spoken: 0.5,
      bundle: { name: 'tiny' },
    });
    expect(stderr).toMatch(/^undertone: left out: /m);
  });

  it('data prepare and train --prepared make a bundle, which eval sets beside the one before', () => {
    const from = ['--dataset', 'clips', '--data', data, '--bundle', bundle, '--skip-bad'];
    const { stdout } = undertone(['data', 'prepare', ...from, '--out', join(root, 'prepared')]);
    const file = /^embeddings: (.*)$/m.exec(stdout)?.[1] ?? '';
    const out = join(root, 'run');
    const how = ['--recipe', 'smoke', '--steps', '2', '--name', 'mine', '--threads', '1', '--seed', '5'];
    const trained = undertone(['train', '--prepared', file, '--bundle', bundle, '--out', out, ...how]);
    const made = /^bundle: (.*)$/m.exec(trained.stdout)?.[1] ?? '';
    expect([trained.status, trained.stdout]).toEqual([0, `bundle: ${made}\n`]);
    const manifest: unknown = JSON.parse(readFileSync(join(made, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'mine', training: { steps: 2, seed: 5 } });
    const beside = ['eval', '--dataset', file, '--split', 'val', '--bundle', bundle, '--bundle', made, '--json'];
    const { status, stdout: report } = undertone(beside);
    expect(status).toBe(0);
    expect(JSON.parse(report)).toMatchObject({
      rows: [{ bundle: 'tiny 1.0.0' }, { bundle: expect.stringMatching(/^mine /) }],
    });
  });

  it('heads takes its options', () => {
    const folder = join(root, 'pairs');
    mkdirSync(folder);
    const { images, captions } = pairsOf(16, 8, 1);
    const put = (name: string, rows: readonly Float32Array[]): void =>
      writeFileSync(
        join(folder, name),
        npy(npyHeader(rows.length, 8), Float32Array.from(rows.flatMap((row) => [...row]))),
      );
    put('x_image.f32.npy', images);
    put('y_text.f32.npy', captions.flat());
    writeFileSync(
      join(folder, 'y_captions.csv'),
      ['text_row,image_row', ...images.map((_, i) => `${i},${i}`)].join('\n'),
    );
    const { status, stdout } = undertone(['heads', '--embeddings', folder, '--folds', '2', '--seeds', '1', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ retrieval: expect.anything(), synthesis: { folds: 2, seeds: [1] } });
  });

  it('models rewrite takes its options', () => {
    const at = (name: string): string => join(root, name);
    const [model, out, preprocessing] = [at('model.onnx'), at('fast.onnx'), at('config.json')] as const;
    const size = { imageSize: 32, patch: 8, width: 16, heads: 2, layers: 2, feed: 32, dimension: 16 };
    writeFileSync(model, exportVision(randomVision({ ...size, activation: 'quick_gelu' }, 1), { output: 'embedding' }));
    const scale = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
    writeFileSync(preprocessing, JSON.stringify({ size: 32, ...scale }));
    const how = [
      '--output',
      'embedding',
      '--preprocessing',
      preprocessing,
      '--precision',
      'int8',
      '--min-cosine',
      '0.9',
    ];
    const { status, stdout } = undertone(['models', 'rewrite', model, '--out', out, ...how, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      precision: 'int8',
      cosine: { min: expect.any(Number) },
      bytes: { original: readFileSync(model).length, rewritten: readFileSync(out).length },
    });
  });

  it('doctor tells as JSON what is missing, and fails where that is needed', () => {
    const { status, stdout } = undertone(['doctor', '--json'], { UNDERTONE_BUNDLE: 'no-such-bundle' });
    const report = JSON.parse(stdout) as { ok: boolean; checks: { name: string; status: string }[] };
    const of = Object.fromEntries(report.checks.map((check) => [check.name, check.status]));
    expect([status, report.ok]).toEqual([3, false]);
    expect(of).toMatchObject({ Node: 'ok', bundle: 'missing', 'provider cpu': expect.any(String) });
  });
});
