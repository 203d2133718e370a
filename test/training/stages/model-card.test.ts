import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { Manifest } from '../../../models/bundle/manifest.ts';
import { findBundle } from '../../../models/bundle/find-bundle.ts';
import { join } from 'node:path';
import { modelCard } from '../../../training/stages/model-card.ts';

it('names the teacher of the texts, since one of the pictures stands in the same table', () => {
  const manifest = Manifest.parse(
    JSON.parse(readFileSync(join(findBundle('undertone-compact'), 'manifest.json'), 'utf8')),
  );
  const card = modelCard(manifest).replaceAll(/\s+/g, ' ');
  expect(manifest.data.filter(({ name }) => name.endsWith('(teacher)'))).toHaveLength(2);
  expect(card).toContain('a larger sentence encoder, universal-sentence-encoder-lite in the table below, says of');
  expect(card).toContain('| universal-sentence-encoder-lite (teacher) |');
});
