import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../../models/bundle/manifest.ts';

/** A valid manifest whose files need not be real models. */
export function sampleManifest(change: Partial<Omit<Manifest, 'files'>> = {}): Omit<Manifest, 'files'> {
  return {
    format: 1,
    name: 'sample',
    version: '1.0.0',
    licence: 'Apache-2.0',
    created: '2026-01-01T00:00:00.000Z',
    dimension: 4,
    window_ms: 4000,
    hop_ms: 250,
    modalities: [
      {
        name: 'video',
        kind: 'image',
        slots: 4,
        encoder: {
          file: 'image.onnx',
          output: 'embedding',
          inputs: { pixels: 'pixels' },
          preprocessing: { size: 32, fit: 'cover', filter: 'area' },
        },
      },
      {
        name: 'text',
        kind: 'text',
        slots: 1,
        encoder: {
          file: 'text.onnx',
          output: 'embedding',
          inputs: { tokens: 'tokens', mask: 'mask' },
          preprocessing: { tokenizer: 'text/tokenizer.json', max_tokens: 16, pad_id: 0, lower_case: true },
        },
      },
    ],
    emotions: ['neutral', 'happy'],
    heads: { file: 'heads.onnx' },
    calibration: {},
    training: {},
    data: [],
    metrics: [],
    ...change,
  };
}

export const SAMPLE_FILES = {
  'image.onnx': new Uint8Array([1, 2, 3]),
  'text.onnx': new Uint8Array([4]),
  'text/tokenizer.json': '{}',
  'heads.onnx': new Uint8Array([5]),
  'MODEL_CARD.md': '# Sample\n',
};

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'undertone-bundle-'));
}
