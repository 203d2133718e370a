import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundle/read-bundle.ts';
import { resolveInside } from '../../../models/bundle/resolve-inside.ts';
import { sha256 } from '../../../models/bundle/sha256.ts';
import { writeBundle } from '../../../models/bundle/write-bundle.ts';
import { SAMPLE_FILES, sampleManifest, temporaryFolder } from './sample.ts';

const folders: string[] = [];
let dir: string;

beforeEach(async () => {
  const folder = temporaryFolder();
  folders.push(folder);
  dir = join(folder, 'sample', '1.0.0');
  mkdirSync(dirname(dir));
  await writeBundle(dir, sampleManifest(), SAMPLE_FILES);
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function editManifest(edit: (manifest: Record<string, unknown> & { files: Record<string, string> }) => void): void {
  const path = join(dir, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

describe('readBundle', () => {
  it('reads back what writeBundle wrote', async () => {
    const bundle = await readBundle(dir);
    expect(bundle.manifest.files).toEqual(
      Object.fromEntries(Object.entries(SAMPLE_FILES).map(([name, content]) => [name, sha256(content)])),
    );
    expect(bundle.sha256).toBe(sha256(readFileSync(join(dir, 'manifest.json'))));
    expect(bundle.dir).toBe(dir);
  });

  const spoiled: [string, string, () => void][] = [
    ['no folder', 'bundle_not_found', () => rmSync(dir, { recursive: true })],
    ['no manifest', 'bundle_not_found', () => rmSync(join(dir, 'manifest.json'))],
    ['manifest is not JSON', 'bundle_manifest', () => writeFileSync(join(dir, 'manifest.json'), '{')],
    ['a wrong field', 'bundle_manifest', () => editManifest((m) => (m.dimension = 0))],
    ['an unknown field', 'bundle_manifest', () => editManifest((m) => (m.more = 1))],
    [
      'a name longer than the wire takes',
      'bundle_manifest',
      () => editManifest((m) => Object.assign((m.modalities as object[])[0] ?? {}, { name: 'a'.repeat(33) })),
    ],
    ['another format', 'bundle_manifest', () => editManifest((m) => (m.format = 2))],
    ['no checksum of the heads', 'bundle_manifest', () => editManifest((m) => delete m.files['heads.onnx'])],
    ['a path to the parent', 'bundle_manifest', () => editManifest((m) => (m.files['../x'] = sha256('')))],
    ['an absolute path', 'bundle_manifest', () => editManifest((m) => (m.files['/etc/passwd'] = sha256('')))],
    ['one byte more', 'bundle_checksum', () => appendFileSync(join(dir, 'image.onnx'), 'x')],
    ['one byte changed', 'bundle_checksum', () => writeFileSync(join(dir, 'text.onnx'), new Uint8Array([9]))],
    ['a tokenizer changed', 'bundle_checksum', () => writeFileSync(join(dir, 'text/tokenizer.json'), '{"a":1}')],
    ['a missing file', 'bundle_checksum', () => rmSync(join(dir, 'heads.onnx'))],
    ['a file that is not listed', 'bundle_checksum', () => writeFileSync(join(dir, 'weights.bin'), 'x')],
  ];
  it.each(spoiled)('refuses %s', async (_name, code, spoil) => {
    spoil();
    await expect(readBundle(dir)).rejects.toMatchObject({ code });
  });

  const faults: [string, (manifest: Record<string, unknown> & { files: Record<string, string> }) => void][] = [
    ['dimension: expected number to be >=2, found 0', (m) => (m['dimension'] = 0)],
    ['top level: expected no "more", which is no field of it', (m) => (m['more'] = 1)],
    ['heads: expected object, found nothing', (m) => delete m['heads']],
    ['version: expected a version like 1.0.0, found "1"', (m) => (m['version'] = '1')],
    ['created: expected an ISO datetime, found "today"', (m) => (m['created'] = 'today')],
    ['emotions: expected array, found "happy"', (m) => (m['emotions'] = 'happy')],
    ['files: expected a relative path inside the bundle as a key, found "../x"', (m) => (m.files['../x'] = sha256(''))],
    ['files.heads.onnx: expected a sha256 of 64 hex digits, found "abc"', (m) => (m.files['heads.onnx'] = 'abc')],
    [
      `modalities: expected array, found ${JSON.stringify('x'.repeat(99)).slice(0, 60)}…`,
      (m) => (m['modalities'] = 'x'.repeat(99)),
    ],
    [`modalities.0.kind: expected 'image' | 'text', found "audio"`, (m) => (m['modalities'] = [{ kind: 'audio' }])],
  ];
  it.each(faults)('tells the field, what was expected and what was found: %s', async (message, edit) => {
    editManifest(edit);
    await expect(readBundle(dir)).rejects.toThrow(`is invalid: ${message}`);
  });

  it('refuses a link that leads out of the folder, even to the same bytes', async () => {
    const outside = join(dir, '..', '..', 'image.onnx');
    writeFileSync(outside, SAMPLE_FILES['image.onnx']);
    rmSync(join(dir, 'image.onnx'));
    symlinkSync(outside, join(dir, 'image.onnx'));
    await expect(readBundle(dir)).rejects.toMatchObject({ code: 'bundle_path' });
  });

  it('refuses a linked folder that leads out', async () => {
    const outside = join(dir, '..', '..', 'text');
    mkdirSync(outside);
    writeFileSync(join(outside, 'tokenizer.json'), '{}');
    rmSync(join(dir, 'text'), { recursive: true });
    symlinkSync(outside, join(dir, 'text'));
    await expect(readBundle(dir)).rejects.toMatchObject({ code: 'bundle_path' });
  });

  it('follows a link that stays inside, and passes over hidden files', async () => {
    rmSync(join(dir, 'heads.onnx'));
    writeFileSync(join(dir, 'other.onnx'), SAMPLE_FILES['heads.onnx']);
    symlinkSync('other.onnx', join(dir, 'heads.onnx'));
    editManifest((m) => (m.files['other.onnx'] = sha256(SAMPLE_FILES['heads.onnx'])));
    writeFileSync(join(dir, '.DS_Store'), '');
    await expect(readBundle(dir)).resolves.toMatchObject({ dir });
  });
});

describe('resolveInside', () => {
  it.each(['..', '../x', 'a/../../x', '/etc/passwd', '.', ''])('refuses %j', async (file) => {
    await expect(resolveInside(dir, file)).rejects.toMatchObject({ code: 'bundle_path' });
  });
});

it('a folder that was removed is one whose files are missing', async () => {
  rmSync(dir, { recursive: true });
  await expect(resolveInside(dir, 'heads.onnx')).rejects.toMatchObject({
    code: 'bundle_checksum',
    message: expect.stringContaining(`heads.onnx is missing from ${dir}`),
  });
});

describe('writeBundle', () => {
  it('refuses to overwrite, and replaces when told to', async () => {
    await expect(writeBundle(dir, sampleManifest(), SAMPLE_FILES)).rejects.toMatchObject({ code: 'bundle_exists' });
    const files = { ...SAMPLE_FILES, 'MODEL_CARD.md': '# Second\n' };
    const bundle = await writeBundle(dir, sampleManifest(), files, { replace: true });
    expect(bundle.manifest.files['MODEL_CARD.md']).toBe(sha256('# Second\n'));
    expect(readFileSync(join(dir, 'MODEL_CARD.md'), 'utf8')).toBe('# Second\n');
  });

  it('never replaces what is no bundle, but for an empty folder', async () => {
    const write = (folder: string): Promise<unknown> =>
      writeBundle(folder, sampleManifest(), SAMPLE_FILES, { replace: true });
    const refused = { code: 'bundle_exists', message: expect.stringContaining('is no bundle') };
    const other = join(dir, '..', 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'manifest.json'), '{"name":"a page","icons":[]}');
    await expect(write(other)).rejects.toMatchObject(refused);
    await expect(write(join(other, 'manifest.json'))).rejects.toMatchObject(refused);
    expect(readdirSync(other)).toEqual(['manifest.json']);
    rmSync(join(other, 'manifest.json'));
    await expect(write(other)).resolves.toMatchObject({ dir: resolve(other) });
  });

  it('says which folder refuses it', async () => {
    const below = join(dir, 'heads.onnx', 'below');
    await expect(writeBundle(below, sampleManifest(), SAMPLE_FILES)).rejects.toMatchObject({
      code: 'out_unwritable',
      message: expect.stringContaining(below),
    });
  });

  const invalid: [string, Parameters<typeof writeBundle>[1], Parameters<typeof writeBundle>[2]][] = [
    ['a bad manifest', sampleManifest({ version: '1' }), SAMPLE_FILES],
    ['no heads', sampleManifest({ heads: { file: 'other.onnx' } }), SAMPLE_FILES],
    ['a path that leads out', sampleManifest(), { ...SAMPLE_FILES, '../escaped': 'x' }],
  ];
  it.each(invalid)('leaves the old bundle and nothing beside it: %s', async (_name, manifest, files) => {
    const before = readdirSync(join(dir, '..'));
    await expect(writeBundle(dir, manifest, files, { replace: true })).rejects.toMatchObject({
      code: 'bundle_manifest',
    });
    expect(readdirSync(join(dir, '..'))).toEqual(before);
    expect(readdirSync(join(dir, '..', '..'))).toEqual(['sample']);
    await expect(readBundle(dir)).resolves.toMatchObject({ dir });
  });

  it('copies files by path', async () => {
    const source = join(dir, 'heads.onnx');
    const copy = join(dir, '..', '2.0.0');
    const files = { ...SAMPLE_FILES, 'heads.onnx': { path: source } };
    const bundle = await writeBundle(copy, sampleManifest({ version: '2.0.0' }), files);
    expect(bundle.manifest.files['heads.onnx']).toBe(sha256(SAMPLE_FILES['heads.onnx']));
  });
});
