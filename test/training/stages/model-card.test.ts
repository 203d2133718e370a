import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { Manifest } from '../../../models/bundle/manifest.ts';
import { findBundle } from '../../../models/bundle/find-bundle.ts';
import { join } from 'node:path';
import { modelCard } from '../../../training/stages/model-card.ts';

const manifest = Manifest.parse(
  JSON.parse(readFileSync(join(findBundle('undertone-compact'), 'manifest.json'), 'utf8')),
);

it('claims no data and no measurement for heads that nobody trained', () => {
  const foundation = { name: 'clip-vit-b32', revision: 'main' };
  const card = modelCard({ ...manifest, foundation, training: { method: 'bootstrap' }, data: [], metrics: [] });
  expect(card).toContain('Nothing of it was measured or calibrated');
  for (const claim of ['What was measured', 'Clips are composed', '| data |', 'grey, low-resolution'])
    expect(card).not.toContain(claim);
});

it('has the command that trained heads for a foundation model, with the number of samples', () => {
  const training = { recipe: { seed: 3 }, limit: 500 };
  expect(modelCard({ ...manifest, foundation: { name: 'clip-vit-b32', revision: 'main' }, training })).toContain(
    '`npx undertone train --foundation clip-vit-b32 --limit 500 --data DIR --out DIR`, seed 3.',
  );
});

it.each([
  [undefined, 'undertone-smoke', '--recipe smoke'],
  ['clip-vit-b32', 'undertone-smoke', '--foundation clip-vit-b32 --recipe smoke'],
  ['clip-vit-b32', 'undertone-compact', '--foundation clip-vit-b32'],
])('heads of %s by %s: the command makes them again', (name, recipe, options) => {
  const foundation = name === undefined ? undefined : { name, revision: 'main' };
  expect(modelCard({ ...manifest, foundation, training: { recipe: { name: recipe, seed: 3 } } })).toContain(
    `\`npx undertone train ${options} --data DIR --out DIR\`, seed 3.`,
  );
});

it('names the teacher of the texts, since one of the pictures stands in the same table', () => {
  const card = modelCard(manifest).replaceAll(/\s+/g, ' ');
  expect(manifest.data.filter(({ name }) => name.endsWith('(teacher)'))).toHaveLength(2);
  expect(card).toContain('a larger sentence encoder, universal-sentence-encoder-lite in the table below, says of');
  expect(card).toContain('| universal-sentence-encoder-lite (teacher) |');
});

it.each<[what: string, training: Record<string, unknown>, claims: readonly string[]]>([
  [
    'heads that saw this data set',
    { starts_from: 'first@1.0.0', start_saw: ['mvsa', 'sst'], encoders_saw: ['sst'] },
    ['The heads that it started from were trained on mvsa, too, with labels.'],
  ],
  ['an adapter that saw it', { start_saw: ['mvsa'] }, ['The adapter that it kept was trained on mvsa, too']],
  ['encoders that saw it', { encoders_saw: ['mosi', 'mvsa'] }, ['The encoders were trained on mvsa, too']],
  [
    'none that saw it',
    { starts_from: 'first@1.0.0', start_saw: ['sst'], encoders_saw: ['mvsa (pairs, heads alone)'] },
    [],
  ],
])('says what the clips that it was measured on can be known to: %s', (_, training, claims) => {
  const data = ['train', 'val'].map((split) => ({ name: 'mvsa (mine.safetensors)', split, n: 20, licence: '' }));
  const card = modelCard({ ...manifest, data, training: { method: 'prepared', ...training } });
  const text = card.replaceAll(/\s+/g, ' ');
  expect(text.includes('On validation splits whose labels no training saw.')).toBe(claims.length === 0);
  for (const claim of claims) expect(text).toContain(claim);
});

it.each<[training: Record<string, unknown>, files: readonly string[], command: string]>([
  [
    { recipe: { name: 'undertone-smoke' }, bundle: 'first@2.0.0', adapter: 'lexical', anew: true },
    ['clips (a)', 'clips (b)'],
    '--prepared FILE,FILE --steps 5 --adapter lexical --anew --recipe smoke --bundle first@2.0.0 --name mine',
  ],
  [
    { recipe: { name: 'undertone-compact' }, bundle: 'undertone-compact@0.10.0', adapter: null },
    ['mosi'],
    '--prepared FILE --steps 5 --bundle undertone-compact@0.10.0 --name mine',
  ],
  // By an earlier version.
  [{}, ['mosi'], '--prepared FILE --steps 5 --name mine'],
])('has the command that trained heads on prepared clips: %j', (training, files, command) => {
  const data = files.flatMap((name) => ['train', 'val'].map((split) => ({ name, split, n: 20, licence: '' })));
  const made = { ...manifest, name: 'mine', data, training: { method: 'prepared', steps: 5, seed: 3, ...training } };
  expect(modelCard(made)).toContain(`\`npx undertone train ${command}\`, seed 3. `);
});
