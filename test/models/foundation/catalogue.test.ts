import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogueEntry, readCatalogue } from '../../../models/foundation/catalogue.ts';
import { readDoc, tableRows } from '../../docs/tables.ts';
import { tinyClipEntry } from '../../support/tiny-clip.ts';

const MODELS = readCatalogue();

describe('the catalogue', () => {
  test('has the family of CLIP, each under one name', () => {
    const names = MODELS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['clip-vit-b32', 'clip-vit-b16', 'clip-vit-l14', 'siglip-b16', 'mobileclip-s0']),
    );
    expect(names).toEqual(expect.arrayContaining(['xclip-b32', 'imagebind-huge']));
  });

  test.each(MODELS.map((entry) => [entry.name, entry] as const))(
    '%s is pinned to a commit, or says why not',
    (_, entry) => {
      const pinned = /^[0-9a-f]{40}$/.test(entry.revision);
      expect(pinned || entry.unconfirmed.length > 0).toBe(true);
      expect(Object.keys(entry.variants)).toContain('float32');
      const files = new Set(
        Object.values(entry.variants).flatMap(({ image, text }) => [image, text, 'tokenizer.json']),
      );
      expect(Object.keys(entry.sha256).filter((file) => !files.has(file))).toEqual([]);
    },
  );

  test('licences that forbid a use must be accepted', () => {
    const strict = MODELS.filter(({ licence }) => licence.accept).map(({ licence }) => licence.id);
    expect(strict).toEqual(expect.arrayContaining(['apple-amlr', 'CC-BY-NC-SA-4.0']));
    expect(strict).not.toContain('MIT');
  });

  test('docs/foundation-models.md lists every model with its size of embedding', () => {
    const rows = tableRows(readDoc('foundation-models.md')).get('Foundation models') ?? [];
    expect(rows.map(({ key, cells }) => [key, cells[2]])).toEqual(
      MODELS.map(({ name, dimension }) => [name, String(dimension)]),
    );
  });

  test('models of a file of your own come first, and a file that is none is refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-catalogue-'));
    try {
      const file = join(folder, 'mine.json');
      const mine = tinyClipEntry({ name: 'clip-vit-b32', title: 'Mine' });
      writeFileSync(file, JSON.stringify({ format: 1, models: [mine] }));
      expect(catalogueEntry('clip-vit-b32', readCatalogue(file)).title).toBe('Mine');
      for (const bad of ['{', '[]', JSON.stringify({ format: 1, models: [{ ...mine, dimension: 0 }] })]) {
        writeFileSync(file, bad);
        expect(() => readCatalogue(file)).toThrow(expect.objectContaining({ code: 'catalogue_invalid' }));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
