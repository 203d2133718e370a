import { expect, test } from 'vitest';
import type { Manifest } from '../../../models/bundle/manifest.ts';
import { encodersSaw } from '../../../training/prepared/encoders-saw.ts';

const data = ['mosi', 'mvsa'].map((name) => ({ name, split: 'train', n: 1, licence: '' }));
const encoders = { name: 'first', version: '1.0.0', sha256: '0'.repeat(64) };
const foundation = { name: 'clip-vit-b32' } as NonNullable<Manifest['foundation']>;

test.each<[what: string, manifest: Partial<Manifest>, names: readonly string[] | undefined]>([
  ['a bundle that was trained as a whole', {}, ['mosi', 'mvsa']],
  ['heads for a foundation model', { foundation }, []],
  ['heads for the encoders of another bundle', { encoders_of: encoders, training: { encoders_saw: ['sst'] } }, ['sst']],
  ['heads of which that is not known', { encoders_of: encoders }, undefined],
])('the data that encoders were trained on: %s', (_, manifest, names) => {
  expect(encodersSaw({ training: {}, data, ...manifest })).toEqual(names);
});
