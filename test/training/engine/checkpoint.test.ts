import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adamWState } from '../../../training/engine/adamw.ts';
import { loadCheckpoint, saveCheckpoint, type TrainingState } from '../../../training/engine/checkpoint.ts';
import { readSafetensors, writeSafetensors } from '../../../training/engine/safetensors.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-checkpoint-'));
  path = join(folder, 'run.safetensors');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function stateOf(value: number, size = 3): TrainingState {
  const params = new Map([['net.w', new Float32Array(size).fill(value)]]);
  const average = new Map([['net.w', new Float32Array(size).fill(value + 1)]]);
  const optimizer = adamWState(params, params.keys());
  optimizer.step = value;
  optimizer.first.get('net.w')?.fill(value + 2);
  optimizer.second.get('net.w')?.fill(value + 3);
  return { step: value, params, average, optimizer };
}

describe('safetensors', () => {
  it('lays a file out as the format says', async () => {
    const tensors = new Map([
      ['a', Float32Array.of(1, -2)],
      ['b', Float32Array.of(0.5)],
    ]);
    await writeSafetensors(path, { tensors, metadata: { step: '7' } });
    const bytes = await readFile(path);
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    expect(start % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, start).toString())).toEqual({
      __metadata__: { step: '7' },
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    });
    expect([0, 4, 8].map((at) => bytes.readFloatLE(start + at))).toEqual([1, -2, 0.5]);
    expect(bytes).toHaveLength(start + 12);
    expect(await readSafetensors(path)).toEqual({ tensors, metadata: { step: '7' } });
    expect(await readdir(folder)).toEqual(['run.safetensors']);
  });

  it.each([
    ['cut in its data', 90],
    ['cut in its header', 20],
    ['cut in its length', 4],
    ['empty', 0],
  ])('refuses a file that is %s', async (_, length) => {
    await writeSafetensors(path, { tensors: new Map([['a', new Float32Array(64)]]), metadata: {} });
    await truncate(path, length);
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'checkpoint_unreadable' });
  });

  it('leaves the file before whole when the new one cannot be written', async () => {
    const tensors = new Map([['a', Float32Array.of(1)]]);
    await writeSafetensors(path, { tensors, metadata: {} });
    await mkdir(`${path}.part`);
    const writing = writeSafetensors(path, { tensors: new Map(), metadata: {} });
    await expect(writing).rejects.toMatchObject({ code: 'checkpoint_unwritable' });
    expect((await readSafetensors(path)).tensors).toEqual(tensors);
  });

  it('overwrites what a killed writer left', async () => {
    await writeFile(`${path}.part`, 'half a file');
    await writeSafetensors(path, { tensors: new Map([['a', Float32Array.of(1)]]), metadata: {} });
    expect((await readSafetensors(path)).tensors.get('a')).toEqual(Float32Array.of(1));
    expect(await readdir(folder)).toEqual(['run.safetensors']);
  });
});

describe('checkpoints', () => {
  it('bring everything back', async () => {
    await saveCheckpoint(path, stateOf(5), 'one');
    const state = stateOf(0);
    expect(await loadCheckpoint(path, state, 'one')).toBe(true);
    expect(state).toEqual(stateOf(5));
  });

  it('are not there at first', async () => {
    const state = stateOf(0);
    expect(await loadCheckpoint(path, state, 'one')).toBe(false);
    expect(state).toEqual(stateOf(0));
  });

  it.each([
    ['another configuration', stateOf(0), 'two'],
    ['other sizes', stateOf(0, 4), 'one'],
  ])('of %s are refused and change nothing', async (_, state, fingerprint) => {
    await saveCheckpoint(path, stateOf(5), 'one');
    const before = structuredClone(state);
    await expect(loadCheckpoint(path, state, fingerprint)).rejects.toMatchObject({ code: 'checkpoint_mismatch' });
    expect(state).toEqual(before);
  });
});
