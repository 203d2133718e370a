import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { artifactsDir } from '../../../models/bundle/artifacts.ts';
import { findBundle } from '../../../models/bundle/find-bundle.ts';
import { listBundles } from '../../../models/bundle/list-bundles.ts';
import { temporaryFolder } from './sample.ts';

const home = temporaryFolder();
const root = join(home, 'models', 'artifacts');

beforeAll(() => {
  for (const path of ['one/0.9.0', 'one/0.10.0', 'one/0.2.0', 'two/1.0.0', 'two/draft']) {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'manifest.json'), '{}');
  }
  mkdirSync(join(root, 'empty', '1.0.0'), { recursive: true });
  mkdirSync(join(home, 'dist', 'models', 'bundle'), { recursive: true });
  writeFileSync(join(home, 'package.json'), '{}');
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('listBundles', () => {
  it('lists versions newest first, by number, and only those with a manifest', () => {
    expect(listBundles(root).map(({ name, version }) => `${name}@${version}`)).toEqual([
      'one@0.10.0',
      'one@0.9.0',
      'one@0.2.0',
      'two@1.0.0',
    ]);
  });

  it('passes over a link to a file, and a link to nothing', () => {
    const links = ['README', 'gone', 'one/1.0.0'].map((path) => join(root, path));
    symlinkSync(join(home, 'package.json'), links[0] ?? '');
    symlinkSync(join(home, 'nowhere'), links[1] ?? '');
    symlinkSync(join(home, 'package.json'), links[2] ?? '');
    onTestFinished(() => links.forEach((link) => rmSync(link)));
    expect(listBundles(root)).toHaveLength(4);
    expect(findBundle(join(root, 'two', 'draft'), root)).toBe(join(root, 'two', 'draft'));
  });

  it('lists nothing where there is no folder', () => {
    expect(listBundles(join(home, 'nowhere'))).toEqual([]);
  });
});

describe('findBundle', () => {
  it.each([
    ['one', 'one/0.10.0'],
    ['one@0.9.0', 'one/0.9.0'],
    ['two', 'two/1.0.0'],
    [join(root, 'two', 'draft'), 'two/draft'],
  ])('%s', (specifier, path) => {
    expect(findBundle(specifier, root)).toBe(join(root, path));
  });

  it.each(['three', 'one@9.9.9', 'empty', join(home, 'dist')])('knows no %s', (specifier) => {
    expect(() => findBundle(specifier, root)).toThrowError(expect.objectContaining({ code: 'bundle_not_found' }));
  });
});

describe('artifactsDir', () => {
  it.each(['models/bundle', 'dist/models/bundle'])('finds the package from %s', (from) => {
    expect(artifactsDir(join(home, from))).toBe(root);
  });

  it("is beside the package's package.json while there are no artifacts", () => {
    const fresh = temporaryFolder();
    mkdirSync(join(fresh, 'dist', 'models'), { recursive: true });
    writeFileSync(join(fresh, 'package.json'), '{}');
    expect(artifactsDir(join(fresh, 'dist', 'models'))).toBe(join(fresh, 'models', 'artifacts'));
    rmSync(fresh, { recursive: true });
  });
});
