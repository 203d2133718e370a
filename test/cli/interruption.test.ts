import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'undertone-interruption-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs what `body` does with the signal, in a process of its own with a channel to this one. */
function part(body: string) {
  const script = join(root, 'part.mts');
  const module = JSON.stringify(resolve('cli/interruption.ts'));
  writeFileSync(script, `import { interruption } from ${module};\nconst signal = interruption();\n${body}\n`);
  return fork(script, { execArgv: ['--import', 'tsx'] });
}

it('aborts a part whose parent is gone', { timeout: 60_000 }, async () => {
  const child = part(
    "const alive = setInterval(() => {}, 1000); signal.addEventListener('abort', () => { clearInterval(alive); process.exitCode = 7; }); process.send?.('ready');",
  );
  await once(child, 'message');
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([7, null]);
});

it('does not keep a part that is done', { timeout: 60_000 }, async () => {
  expect(await once(part(''), 'exit')).toEqual([0, null]);
});

it.each([
  ['SIGTERM', 'twice at once, as a group is sent it', 0, 'SIGTERM', 'saves and ends as it would after one', 7],
  ['SIGINT', 'twice at once, as a group is sent it', 0, 'SIGINT', 'saves and ends as it would after one', 7],
  ['SIGINT', 'and a second one later', 200, 'SIGINT', 'ends at once', 1],
  ['SIGINT', 'and SIGTERM at once', 0, 'SIGTERM', 'ends at once', 1],
])('a process that gets %s %s (%i ms, %s) %s', { timeout: 60_000 }, async (name, _, laterMs, second, __, code) => {
  const child = part(`
    const alive = setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => setTimeout(() => { clearInterval(alive); process.exitCode = 7; }, 400));
    process.emit('${name}', '${name}');
    const again = () => process.emit('${second}', '${second}');
    ${laterMs === 0 ? 'again();' : `setTimeout(again, ${laterMs});`}
  `);
  expect(await once(child, 'exit')).toEqual([code, null]);
});
