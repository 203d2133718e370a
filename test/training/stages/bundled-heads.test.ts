import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_BUNDLE } from '../../../models/bundle/artifacts.ts';
import { findBundle } from '../../../models/bundle/find-bundle.ts';
import { readBundle } from '../../../models/bundle/read-bundle.ts';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { readParams } from '../../../models/graph/onnx/read-params.ts';
import { headsGraph } from '../../../models/heads/heads-graph.ts';
import { random } from '../../../models/random.ts';
import { openSession, type TensorData } from '../../../models/runtime/session.ts';
import { compact } from '../../../training/recipes/compact.ts';

const ROWS = 6;

it('makes of the bundled parameters the bundled heads: the same outputs for every presence', async () => {
  const { dir, manifest } = await readBundle(findBundle(DEFAULT_BUNDLE));
  const { dimension, modalities } = manifest;
  const before = await readFile(join(dir, manifest.heads.file));
  const graph = headsGraph({ ...compact.heads, fill: 'virtual' });
  const after = emitOnnx(graph, { params: readParams(before), weights: 'float16' });
  expect(readParams(after)).toEqual(readParams(before));

  const draw = random('reexport');
  const feeds: Record<string, TensorData> = {};
  for (const { name, slots, kind } of modalities) {
    // Of the rows, the first has all frames, and a later one none; every second one has text.
    const mask = Float32Array.from({ length: ROWS * slots }, (_, i) => {
      const row = Math.floor(i / slots);
      return (kind === 'text' ? row % 2 : i % slots >= row + Math.floor(row / 4) * slots) ? 1 : 0;
    });
    const data = Float32Array.from({ length: ROWS * slots * dimension }, (_, i) =>
      mask[Math.floor(i / dimension)] === 1 ? draw.normal() * dimension ** -0.5 : 0,
    );
    feeds[name] = { type: 'float32', dims: [ROWS, slots, dimension], data };
    feeds[`${name}_mask`] = { type: 'float32', dims: [ROWS, slots], data: mask };
  }
  const sessions = [await openSession(before, { threads: 1 }), await openSession(after, { threads: 1 })];
  const [old = {}, anew = {}] = await Promise.all(sessions.map((session) => session.run(feeds)));
  await Promise.all(sessions.map((session) => session.close()));
  expect(Object.keys(anew).sort()).toEqual(Object.keys(old).sort());
  for (const [name, { data }] of Object.entries(old))
    for (const [i, value] of data.entries())
      expect(Math.abs(Number(anew[name]?.data[i]) - Number(value)), name).toBeLessThan(1e-5);
});
