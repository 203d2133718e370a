import type { Source } from '../../protocol/index.ts';
import { clockTime, percent, signed } from '../figures.ts';
import type { Column } from './columns.ts';

/** How sources are called on the page, as in the live one. */
export const SOURCE_WORDS: Readonly<Record<Source, string>> = {
  observed: 'observed',
  mixed: 'in part',
  virtual: 'synthesised',
  absent: 'nothing',
};

/** `speaker_video` as `Speaker video`. */
export function title(name: string): string {
  const spaced = name.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What a column says: `0:07.25 · +1.2 positive, 81 % sure · video observed · text synthesised`. */
export function columnText({ endMs, score, label, confidence, sources }: Column): string {
  const sure = confidence === null ? '' : `, ${percent(confidence)} sure`;
  const told = score === null ? 'nothing to predict from' : `${signed(score.mean, 1)} ${label ?? ''}${sure}`;
  const from = Object.entries(sources).map(([name, source]) => `${name.replaceAll('_', ' ')} ${SOURCE_WORDS[source]}`);
  return [clockTime(endMs, true), told, ...from].join(' · ');
}
