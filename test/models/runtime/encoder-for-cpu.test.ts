import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFoundationConfig } from '../../../models/foundation/config.ts';
import { pullFoundation } from '../../../models/foundation/pull.ts';
import { removeFoundation } from '../../../models/foundation/remove.ts';
import { rewritePulled } from '../../../models/foundation/rewrite-pulled.ts';
import { exportVision } from '../../../models/foundation/vit/export-vision.ts';
import { randomVision } from '../../../models/foundation/vit/random-vision.ts';
import { loadModel } from '../../../models/runtime/load-model.ts';
import { type HubServer, startHub } from '../../support/hub-server.ts';
import { tinyClip, tinyClipEntry } from '../../support/tiny-clip.ts';
import { writeTinyHeads } from '../../support/tiny-heads.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

/** Its "GPU" is the processor. */
const PROGRAM = [
  '--import',
  createRequire(import.meta.url).resolve('tsx'),
  fileURLToPath(new URL('../../support/lossy-gpu-program.ts', import.meta.url)),
  'none',
];

describe('a foundation model whose image encoder was rewritten', () => {
  let folder: string;
  let hub: HubServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'undertone-for-cpu-'));
    const size = { imageSize: 32, patch: 8, width: 32, heads: 4, layers: 1, feed: 64, dimension: 16 };
    const vision = exportVision(randomVision({ ...size, activation: 'gelu' }, 1));
    hub = await startHub({ ...tinyClip(), 'onnx/vision_model.onnx': vision });
    writeFileSync(join(folder, 'catalogue.json'), JSON.stringify({ format: 1, models: [tinyClipEntry()] }));
    vi.stubEnv('UNDERTONE_MODELS_DIR', join(folder, 'models'));
    vi.stubEnv('UNDERTONE_MODELS_CATALOGUE', join(folder, 'catalogue.json'));
    vi.stubEnv('HF_ENDPOINT', hub.url);
  });

  afterAll(async () => {
    await hub.close();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Codes of the notices of a model on that provider. */
  async function notices(bundle: string, provider: 'cpu' | 'webgpu'): Promise<string[]> {
    const codes: string[] = [];
    const model = await loadModel({
      bundle,
      provider,
      workers: 1,
      program: PROGRAM,
      choose: () => Promise.resolve(provider),
      onEvent: (event) => {
        if (event.type === 'notice') codes.push(event.code);
      },
    });
    await model.close();
    return codes;
  }

  it.each([
    { precision: 'int8', told: ['encoder_for_cpu'] },
    { precision: 'float32', told: [] },
  ] as const)(
    'in $precision: a GPU server is told $told, one on the processor nothing',
    async ({ precision, told }) => {
      const { foundation } = await pullFoundation('tiny-clip', { transform: rewritePulled({ precision }) });
      expect(foundation.manifest.encoders[0]?.encoder.file).toBe('onnx/vision_model.rewritten.onnx');
      mkdirSync(join(folder, precision));
      const { dir } = await writeTinyHeads(join(folder, precision, '1.0.0'), foundation.manifest);
      expect(await notices(dir, 'webgpu')).toEqual(told);
      expect(await notices(dir, 'cpu')).toEqual([]);
      await removeFoundation('tiny-clip', undefined, readFoundationConfig());
    },
  );
});
