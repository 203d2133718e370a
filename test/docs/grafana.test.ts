import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMetrics } from '../../server/metrics.ts';
import { ROOT } from './source-codes.ts';
import { readDoc, tableRows } from './tables.ts';

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(readFileSync(join(ROOT, 'docs/grafana/undertone.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
};
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
);
const nothing = (): number => 0;
const { registry } = createMetrics({
  sessions: () => ({ attached: 0, detached: 0 }),
  connections: nothing,
  observers: nothing,
  runtime: () => undefined,
  shadowStalled: () => false,
});
const exported = new Map(
  registry
    .getMetricsAsArray()
    .map((metric) => [metric.name, new Set((metric as unknown as { labelNames?: string[] }).labelNames)]),
);

/** Metric names of a query without what Prometheus adds to a histogram's. */
function metricsOf(expr: string): string[] {
  const names = expr.match(/\b(?:undertone|nodejs|process)_\w+/g) ?? [];
  return names.map((name) => (exported.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')));
}

test.each(queries)('$title: $expr asks for what the server exports', ({ expr, legendFormat }) => {
  const metrics = metricsOf(expr);
  expect(metrics.length).toBeGreaterThan(0);
  expect(metrics.filter((name) => !exported.has(name))).toEqual([]);
  const known = new Set(metrics.flatMap((name) => [...(exported.get(name) ?? [])]));
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */));
  const selected = [...expr.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
  const shown = [...legendFormat.matchAll(/{{(\w+)}}/g)].map(([, label = '']) => label);
  expect([...grouped, ...selected].filter((label) => label !== 'le' && !known.has(label))).toEqual([]);
  expect(shown.filter((label) => !grouped.includes(label))).toEqual([]);
});

test('what every program on Node exports is asked of this one alone', () => {
  const common = queries.filter(({ expr }) => /\b(nodejs|process)_/.test(expr));
  expect(common).toHaveLength(4);
  for (const { expr } of common) expect(expr).toMatch(/ and on \(job, instance\) undertone_connections\)$/);
});

test('every metric of our own is on it', () => {
  const asked = new Set(queries.flatMap(({ expr }) => metricsOf(expr)));
  const own = [...exported.keys()].filter((name) => name.startsWith('undertone_'));
  expect(own.filter((name) => !asked.has(name))).toEqual([]);
});

test('every metric of our own is in docs/observability.md, with its labels', () => {
  const rows = tableRows(readDoc('observability.md')).get('Metrics') ?? [];
  const documented = new Map(rows.map(({ cells: [name = '', labels = ''] }) => [name, labels]));
  const own = [...exported].filter(([name]) => name.startsWith('undertone_'));
  for (const [name, labels] of own)
    expect([name, documented.get(`\`${name}\``)]).toEqual([
      name,
      [...labels].map((label) => `\`${label}\``).join(', '),
    ]);
});

test('panels fit into the 24 columns', () => {
  expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
});
