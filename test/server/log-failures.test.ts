import { expect, test } from 'vitest';
import { createLogger } from '../../server/log.ts';
import { logFailures } from '../../server/tracing/log-failures.ts';

const OK = { code: 0 };
const failure = (message: string): { code: number; error: Error } => ({ code: 1, error: new Error(message) });

test('exports that fail one after another are one line in the log, without a stack, and their end another', () => {
  const lines: string[] = [];
  const results = [OK, failure('connect ECONNREFUSED'), failure('Request timed out'), OK, OK, failure('Not Found')];
  const inner = {
    export: (_spans: unknown, done: (result: { code: number }) => void) => done(results.shift() ?? OK),
    shutdown: () => Promise.resolve(),
  };
  const exporter = logFailures(inner, createLogger('info', { write: (line) => void lines.push(line) }));
  const told: unknown[] = [];
  for (let i = 0; i < 6; i++) exporter.export([], (result) => void told.push(result));
  expect(told).toEqual(Array.from({ length: 6 }, () => OK));
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ level: 'warn', reason: 'connect ECONNREFUSED', msg: 'spans are not exported' }),
    expect.objectContaining({ level: 'info', msg: 'spans are exported again' }),
    expect.objectContaining({ level: 'warn', reason: 'Not Found' }),
  ]);
});
