import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adamWState } from '../../../training/engine/adamw.ts';
import {
  finishedParams,
  loadCheckpoint,
  saveCheckpoint,
  type TrainingState,
} from '../../../training/engine/checkpoint.ts';
import { readIfWhole, writeSafetensors } from '../../../training/engine/safetensors.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-checkpoint-'));
  path = join(folder, 'run.safetensors');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function state(fill: number, size = 5): TrainingState {
  const tensor = (value: number) => new Map([['net.w', new Float32Array(size).fill(value)]]);
  const params = tensor(fill);
  const optimizer = adamWState(params, ['net.w']);
  optimizer.step = fill;
  optimizer.first.get('net.w')?.fill(fill / 3);
  optimizer.second.get('net.w')?.fill(fill / 7);
  return { step: fill, params, average: tensor(fill / 2), optimizer, finished: false };
}

const refusal = (code: string) => expect.objectContaining({ code }) as unknown;

describe('checkpoints', () => {
  it('restore everything, bit by bit', async () => {
    await saveCheckpoint(path, state(9), 'a');
    const restored = state(1);
    expect(await loadCheckpoint(path, restored, 'a')).toBe(true);
    expect(restored).toEqual(state(9));
    expect(await readdir(folder)).toEqual(['run.safetensors']);
  });

  it('give what a finished stage made, of the same configuration alone', async () => {
    const checkpoint = { path, fingerprint: 'a' };
    expect(await finishedParams(undefined)).toBeUndefined();
    expect(await finishedParams(checkpoint)).toBeUndefined();
    await saveCheckpoint(path, state(9), 'a');
    expect(await finishedParams(checkpoint)).toBeUndefined();
    await saveCheckpoint(path, { ...state(9), finished: true }, 'a');
    expect(await finishedParams(checkpoint)).toEqual(state(9).average);
    await expect(finishedParams({ path, fingerprint: 'b' })).rejects.toThrow(refusal('checkpoint_mismatch'));
    await truncate(path, 100);
    await expect(finishedParams(checkpoint)).rejects.toThrow(refusal('checkpoint_unreadable'));
  });

  it('are optional', async () => {
    const fresh = state(1);
    expect(await loadCheckpoint(path, fresh, 'a')).toBe(false);
    expect(fresh).toEqual(state(1));
  });

  it('are safetensors that others read', async () => {
    await saveCheckpoint(path, state(9), 'a');
    const bytes = await readFile(path);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, unknown>;
    expect(length % 8).toBe(0);
    expect(header['params/net.w']).toEqual({ dtype: 'F32', shape: [5], data_offsets: [0, 20] });
    expect(bytes.length).toBe(8 + length + 4 * 20);
  });

  it.each([
    ['of another configuration', state(9), 'b'],
    ['of other sizes', state(9, 6), 'a'],
    ['of no configuration', { ...state(9), step: Number.NaN }, 'a'],
  ])('%s are refused and change nothing', async (_, saved, fingerprint) => {
    await saveCheckpoint(path, saved, fingerprint);
    const given = state(1);
    await expect(loadCheckpoint(path, given, 'a')).rejects.toThrow(refusal('checkpoint_mismatch'));
    expect(given).toEqual(state(1));
  });

  it.each([
    ['cut in the data', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['cut in the header', (bytes: Buffer) => bytes.subarray(0, 40)],
    ['empty', () => Buffer.alloc(0)],
    ['another kind of file', () => Buffer.from('{"step": 3}')],
    ['a header of absurd length', () => Buffer.alloc(64, 0xff)],
    ['half precision', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('F32', 'F16'), 'latin1')],
  ])('%s: refused', async (_, damage) => {
    await saveCheckpoint(path, state(9), 'a');
    await writeFile(path, damage(await readFile(path)));
    const given = state(1);
    await expect(loadCheckpoint(path, given, 'a')).rejects.toThrow(refusal('checkpoint_unreadable'));
    expect(given).toEqual(state(1));
  });

  it('that cannot be read are not taken for broken ones, which are made again', async () => {
    await mkdir(path);
    await expect(readIfWhole(path)).rejects.toMatchObject({
      code: 'checkpoint_unreadable',
      message: `cannot read ${path} (EISDIR)`,
    });
  });

  it('take the place of what a killed writer left', async () => {
    await writeFile(`${path}.part`, 'half of a checkpoint that is longer than the next one'.repeat(100));
    await saveCheckpoint(path, state(9), 'a');
    expect(await loadCheckpoint(path, state(1), 'a')).toBe(true);
    expect(await readdir(folder)).toEqual(['run.safetensors']);
  });

  it('say so when the folder is gone', async () => {
    const gone = join(folder, 'gone', 'run.safetensors');
    await expect(saveCheckpoint(gone, state(1), 'a')).rejects.toThrow(refusal('checkpoint_unwritable'));
  });

  it.skipIf(process.platform === 'win32')(
    'stay whole, and alone, when the disk takes no more',
    { timeout: 60_000 },
    async () => {
      await saveCheckpoint(path, state(9), 'a');
      const script = join(import.meta.dirname, 'save-large.ts');
      const limited = `ulimit -f 64; exec "${process.execPath}" --import tsx "${script}" "${path}"`;
      const { stdout, status } = spawnSync('sh', ['-c', limited], { encoding: 'utf8' });
      expect(stdout.trim()).toBe('checkpoint_unwritable');
      expect(status).toBe(0);
      const restored = state(1);
      expect(await loadCheckpoint(path, restored, 'a')).toBe(true);
      expect(restored).toEqual(state(9));
      expect(await readdir(folder)).toEqual(['run.safetensors']);
    },
  );

  it('do not take names for metadata', async () => {
    await writeSafetensors(path, { tensors: new Map([['x', Float32Array.of(1)]]), metadata: {} });
    await expect(loadCheckpoint(path, state(1), 'a')).rejects.toThrow(refusal('checkpoint_mismatch'));
  });
});
