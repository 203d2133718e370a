import type { ModelInfo } from '../../models/model.ts';
import type { SentimentResult } from '../protocol/index.ts';

type Cell = string | number | boolean | null | undefined;

/** A flat table of results: one column per value, named after its place in `sentiment.result`; empty where null. */
export interface TimelineCsv {
  readonly header: string;
  row(result: SentimentResult): string;
}

/** @param options with `counterfactuals`, their scores are columns, too */
export function timelineCsv(info: ModelInfo, options: { readonly counterfactuals: boolean }): TimelineCsv {
  const columns: [name: string, value: (result: SentimentResult) => Cell][] = [
    ['seq', (result) => result.seq],
    ['pts_ms', (result) => result.pts_ms],
    ['window_start_ms', (result) => result.window.start_ms],
    ['window_end_ms', (result) => result.window.end_ms],
    ['state', (result) => result.state],
    ['score', (result) => result.score],
    ['label', (result) => result.label],
    ['confidence', (result) => result.confidence],
    ['prob_negative', (result) => result.probs?.negative],
    ['prob_neutral', (result) => result.probs?.neutral],
    ['prob_positive', (result) => result.probs?.positive],
  ];
  for (const emotion of info.emotions) columns.push([`emotion_${emotion}`, (result) => result.emotions?.[emotion]]);
  for (const { name, kind } of info.modalities) {
    columns.push(
      [`${name}_source`, (result) => result.modalities[name]?.source],
      [`${name}_cause`, (result) => result.modalities[name]?.cause],
      [`${name}_coverage`, (result) => result.modalities[name]?.coverage],
      [`${name}_age_ms`, (result) => result.modalities[name]?.age_ms],
      [`${name}_fidelity`, (result) => result.modalities[name]?.fidelity],
    );
    if (kind === 'text') columns.push([`${name}_is_final`, (result) => result.modalities[name]?.is_final]);
  }
  if (options.counterfactuals) {
    columns.push(['score_as_is', (result) => result.counterfactuals?.as_is]);
    for (const { name } of info.modalities)
      columns.push([`score_only_${name}`, (result) => result.counterfactuals?.only[name]]);
    columns.push(['score_zero_filled', (result) => result.counterfactuals?.zero_filled]);
  }
  columns.push(['latency_total_ms', (result) => result.latency_ms.total]);
  return {
    header: columns.map(([name]) => cell(name)).join(','),
    row: (result) => columns.map(([, value]) => cell(value(result))).join(','),
  };
}

/** RFC 4180 quoting. */
function cell(value: Cell): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
