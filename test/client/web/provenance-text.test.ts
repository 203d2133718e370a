import { expect, test } from 'vitest';
import {
  ago,
  percent,
  provenanceChip,
  provenanceSentence,
  signed,
} from '../../../client/web/src/view/provenance-text.ts';
import type { Provenance } from '../../../client/sdk/index.ts';

const part = (change: Partial<Provenance>): Provenance => ({
  source: 'observed',
  cause: null,
  coverage: 1,
  ageMs: 0,
  fidelity: null,
  ...change,
});
const seen = part({});
const nothing = part({ source: 'absent', coverage: 0, ageMs: 9000, cause: 'client_paused' });

test.each<[string, Record<string, Provenance>, string]>([
  ['video', { video: seen, text: seen }, 'Video is observed.'],
  ['text', { video: seen, text: part({ isFinal: true }) }, 'Captions are observed.'],
  [
    'text',
    { video: seen, text: part({ isFinal: false }) },
    'Captions are read as they come; the last words may still change.',
  ],
  [
    'video',
    { video: part({ source: 'virtual', coverage: 0, ageMs: 3100, cause: 'client_paused' }), text: seen },
    'Video dropped 3 s ago (you switched it off): what it would tell is synthesised from the captions.',
  ],
  [
    'text',
    { video: seen, text: part({ source: 'virtual', coverage: 0, ageMs: 125_000, cause: 'silence' }) },
    'Captions dropped 2 min ago (no words arrive): what they would tell is synthesised from the video.',
  ],
  [
    'text',
    { video: seen, text: part({ source: 'virtual', coverage: 0, ageMs: null, cause: 'no_signal' }) },
    'No captions yet: what they would tell is synthesised from the video.',
  ],
  [
    'video',
    { video: part({ source: 'virtual', coverage: 0, ageMs: null, cause: 'client_paused' }), text: seen },
    'No video yet (you switched it off): what it would tell is synthesised from the captions.',
  ],
  [
    'video',
    { video: part({ source: 'virtual', coverage: 0, ageMs: null, cause: 'no_face' }), text: seen },
    'No face in the picture yet: what it would tell is synthesised from the captions.',
  ],
  [
    'video',
    { video: part({ source: 'mixed', coverage: 0.625, cause: 'network_gap' }), text: seen },
    'Video: 63 % observed (some frames are missing), the rest synthesised from the captions.',
  ],
  [
    'video',
    { video: part({ source: 'mixed', coverage: 0.5 }), text: nothing },
    'Video: 50 % observed, the rest synthesised from what was seen.',
  ],
  [
    'video',
    {
      video: part({ source: 'mixed', coverage: 0.5, cause: 'no_face' }),
      text: part({ source: 'virtual', coverage: 0, cause: 'silence' }),
    },
    'Video: 50 % observed (some frames have no face), the rest synthesised from what was seen.',
  ],
  [
    'video',
    { video: part({ source: 'mixed', coverage: 0.5, cause: 'no_signal' }), text: seen },
    'Video: 50 % observed (it began just now), the rest synthesised from the captions.',
  ],
  [
    'text',
    { video: seen, text: part({ source: 'virtual', coverage: 0, ageMs: null, cause: 'silence' }) },
    'No captions yet (no words arrive): what they would tell is synthesised from the video.',
  ],
  [
    'text',
    { video: nothing, text: nothing },
    'Captions dropped 9 s ago (you switched them off), and nothing is left to synthesise them from.',
  ],
  [
    'heart_rate',
    { heart_rate: part({ source: 'virtual', ageMs: 0, cause: 'solar_flare' }), left_camera: seen, text: seen },
    'Heart rate dropped just now (solar flare): what it would tell is synthesised from the left camera and the captions.',
  ],
  ['smell', { video: seen }, ''],
])('%s in %o', (name, modalities, sentence) => {
  expect(provenanceSentence(name, modalities)).toBe(sentence);
});

test.each<[string, Partial<Provenance>, string]>([
  ['text', { ageMs: 2100, isFinal: false }, 'Captions were observed until 2 s ago (you switched them off).'],
  ['video', { ageMs: 300 }, 'Video was observed until just now (you switched it off).'],
  [
    'video',
    { source: 'mixed', coverage: 0.5, cause: 'client_paused', ageMs: 2100 },
    'Video: 50 % observed (it was switched off), the rest synthesised from what was seen.',
  ],
])('%s switched off, %o', (name, change, sentence) => {
  expect(provenanceSentence(name, { [name]: part(change) }, true)).toBe(sentence);
});

test.each([
  [part({ ageMs: 2100 }), 'observed until 2 s ago'],
  [part({ source: 'mixed', coverage: 0.25, ageMs: 900 }), 'observed until just now'],
  [part({ source: 'virtual' }), 'synthesised'],
  [part({ source: 'absent' }), 'nothing'],
])('the chip of %o, switched off', (given, chip) => {
  expect(provenanceChip(given, true)).toBe(chip);
});

test.each([
  [1, '100 %'],
  [0.9999, 'over 99 %'],
  [0.995, 'over 99 %'],
  [0.994, '99 %'],
  [0, '0 %'],
])('a share of %d is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});

test.each([
  [part({}), 'observed'],
  [part({ source: 'mixed', coverage: 0.25 }), '25 % observed'],
  [part({ source: 'virtual' }), 'synthesised'],
  [part({ source: 'absent' }), 'nothing'],
])('the chip of %o', (given, chip) => {
  expect(provenanceChip(given)).toBe(chip);
});

test.each([
  [0, 'just now'],
  [1000, '1 s ago'],
  [59_400, '59 s ago'],
  [120_000, '2 min ago'],
])('%i ms is %s', (ms, text) => {
  expect(ago(ms)).toBe(text);
});

test.each([
  [1.44, '+1.4'],
  [-0.06, '−0.1'],
  [-0.04, '0.0'],
  [0, '0.0'],
  [-3, '−3.0'],
])('%d is written %s', (score, text) => {
  expect(signed(score)).toBe(text);
});
