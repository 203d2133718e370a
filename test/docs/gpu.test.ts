import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ROOT } from './source-codes.ts';
import { readDoc } from './tables.ts';

/** Runs the script that a path names, which tells what it would download and does not. */
const DRY_RUN = `
const [script] = process.argv.slice(1);
const { dirname } = require('node:path');
require(dirname(script) + '/install-utils.js').installPackages = (_, files) => console.log(files.map(({ filepath }) => filepath).join());
require(script);
`;

// The only system for which there are files.
test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  'docs/gpu.md: its command fetches the files of CUDA, also where the environment says to skip them',
  () => {
    const [, value = '', script = ''] = /^ONNXRUNTIME_NODE_INSTALL=(\S+) node (\S+)$/m.exec(readDoc('gpu.md')) ?? [];
    const fetched = (install: string): string =>
      spawnSync(process.execPath, ['-e', DRY_RUN, `${ROOT}${script}`], {
        encoding: 'utf8',
        env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: install },
      }).stdout;
    expect(fetched(value)).toContain('libonnxruntime_providers_cuda.so');
    expect(fetched('skip')).toBe('');
  },
);
