import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { writeFiles } from './support/write-files.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000 });

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'undertone-layers-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Imports by the file that has them; those that the linter is to refuse. */
const refused: Record<string, string[]> = {
  'cli/verb.ts': ['onnxruntime-node', 'fluent-ffmpeg', '@huggingface/hub', 'rxjs'],
  'models/model.ts': [
    '../pipeline/window.ts',
    '../server/serve.ts',
    '../cli/note.ts',
    '../cli.ts',
    'onnxruntime-node',
    'rxjs',
  ],
  'models/foundation/hub.ts': ['../../pipeline/window.ts', '../../cli/note.ts', 'onnxruntime-node'],
  'models/runtime/session.ts': ['../../pipeline/window.ts', '../../cli/note.ts', '@huggingface/hub'],
  'pipeline/session.ts': [
    '../server/serve.ts',
    '../training/train.ts',
    '../client/sdk/index.ts',
    '../cli/note.ts',
    'onnxruntime-node',
  ],
  'pipeline/replay/decode.ts': ['../../server/serve.ts', '../../cli/note.ts', 'onnxruntime-node'],
  'pipeline/protocol/index.ts': ['../window.ts', '../../models/errors.ts', 'rxjs', 'sharp', 'node:fs'],
  'pipeline/absence/masks.ts': ['../../server/serve.ts', '../../cli/note.ts', 'rxjs'],
  'training/train.ts': ['../pipeline/pipeline.ts', '../pipeline/replay/replay.ts', '../server/serve.ts', 'rxjs'],
  'training/stages/a.ts': [
    '../../pipeline/pipeline.ts',
    '../../cli/note.ts',
    '../../scripts/setup.mjs',
    '../../test/support/fake-model.ts',
  ],
  'server/serve.ts': [
    '../training/train.ts',
    '../client/sdk/index.ts',
    '../test/support/fake-model.ts',
    '../cli/note.ts',
    'rxjs',
  ],
  'client/sdk/client.ts': ['../../pipeline/pipeline.ts', '../../pipeline/replay/replay.ts', '../../models/errors.ts'],
  'client/web/src/main.ts': ['../../../server/serve.ts', '../../../cli/note.ts', '../../../pipeline/window.ts', 'rxjs'],
  'test/a.test.ts': ['onnxruntime-node', 'fluent-ffmpeg'],
};

const taken: Record<string, string[]> = {
  'cli/verb.ts': ['../server/serve.ts', '../training/train.ts', 'commander'],
  'models/foundation/hub.ts': ['@huggingface/hub'],
  'models/runtime/session.ts': ['onnxruntime-node', '../model.ts'],
  'pipeline/session.ts': ['rxjs', '../models/model.ts', './protocol/index.ts'],
  'pipeline/replay/decode.ts': ['fluent-ffmpeg'],
  'pipeline/protocol/index.ts': ['zod', './parse.ts'],
  'training/train.ts': ['../models/random.ts', '../pipeline/window.ts', '../pipeline/absence/absence-masks.ts'],
  'server/serve.ts': ['../pipeline/session.ts', '../models/errors.ts', 'express'],
  'client/sdk/client.ts': [
    '../../pipeline/protocol/index.ts',
    '../../pipeline/captions/words.ts',
    './captions/gist.ts',
  ],
  'test/a.test.ts': ['../server/serve.ts', 'rxjs'],
};

it('the linter refuses the imports that the map of the code forbids, and no others', () => {
  const { options: _, ...config } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as object & {
    options: unknown;
  };
  writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify(config));
  const files = new Set([...Object.keys(refused), ...Object.keys(taken)]);
  const imports = (file: string): string[] => [...(refused[file] ?? []), ...(taken[file] ?? [])];
  const texts = [...files].map(
    (file) =>
      [
        file,
        imports(file)
          .map((from) => `import '${from}';`)
          .join('\n'),
      ] as const,
  );
  writeFiles(folder, Object.fromEntries(texts.map(([file, text]) => [file, Buffer.from(text)])));

  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  const { stdout } = spawnSync(oxlint, ['--format', 'json', '.'], { cwd: folder, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  const found: Record<string, string[]> = {};
  for (const { code, filename, labels } of diagnostics) {
    if (code !== 'eslint(no-restricted-imports)') continue;
    const from = imports(filename)[(labels[0]?.span.line ?? 0) - 1];
    (found[filename] ??= []).push(from ?? '?');
  }
  for (const list of Object.values(found)) list.sort();
  expect(found).toEqual(Object.fromEntries(Object.entries(refused).map(([file, list]) => [file, [...list].sort()])));
});

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}
