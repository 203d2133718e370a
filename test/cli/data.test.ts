import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readPrepared } from '../../training/prepare/prepared-file.ts';
import { hasFfmpeg } from '../pipeline/replay/clips.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-cli-data-'));
const data = join(root, 'clips');
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(score: number): void {
  const line = { id: '1', split: 'train', text: 'a great day', score };
  writeFileSync(join(data, 'manifest.jsonl'), `${JSON.stringify(line)}\n`);
}

it('takes new labels up without encoding again, and does not say that nothing has changed', async () => {
  const { dir } = await writeTinyBundle({ dir: join(root, 'tiny') });
  mkdirSync(data);
  const prepare = async (...more: string[]): Promise<{ stdout: string; score: number | undefined }> => {
    const options = ['--dataset', 'clips', '--data', data, '--out', join(root, 'out'), '--bundle', dir, ...more];
    const command = ['bin/undertone.mjs', 'data', 'prepare', ...options];
    const { stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    const file = /^embeddings: (.*)$/m.exec(stdout)?.[1] ?? '';
    return { stdout, score: (await readPrepared(file)).table.score[0] };
  };
  write(2);
  expect((await prepare()).score).toBe(2);
  write(-1);
  const { stdout, score } = await prepare();
  expect(score).toBe(-1);
  expect(stdout).toContain('encoded in this run: 0; all embeddings are there from a run before');
  expect(stdout).not.toContain('nothing has changed');
  // What cannot be read is not encoded.
  writeFileSync(join(data, 'no.jpg'), 'no image');
  appendFileSync(join(data, 'manifest.jsonl'), JSON.stringify({ id: '2', split: 'train', image: 'no.jpg' }));
  expect((await prepare('--skip-bad')).stdout).toMatch(/left out: 1\n {2}encoded in this run: 0;/);
}, 60_000);

it.skipIf(!hasFfmpeg)('says which clip it could not read, and counts it', { timeout: 60_000 }, async () => {
  const { dir } = await writeTinyBundle({ dir: join(root, 'broken', 'tiny') });
  const folder = join(root, 'broken', 'clips');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'no.mp4'), 'no video');
  const samples = [
    { id: 'one', split: 'train', text: 'a great day', video: 'no.mp4', score: 1 },
    { id: 'two', split: 'train', text: 'so sad', score: -1 },
  ];
  writeFileSync(join(folder, 'manifest.jsonl'), samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  const options = [
    '--dataset',
    'clips',
    '--data',
    folder,
    '--out',
    join(root, 'broken', 'out'),
    '--bundle',
    dir,
    '--skip-bad',
  ];
  const command = ['bin/undertone.mjs', 'data', 'prepare', ...options];
  const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect(stdout).toContain('with text: 2; clips missing: 0; sound alone: 0; clips unreadable: 1; left out: 0');
  expect(stderr).toMatch(/^undertone: its clip cannot be read, so its video is missing: one: .* \(data_clip\)$/m);
});
