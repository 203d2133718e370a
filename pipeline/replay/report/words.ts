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
  return spaced(name).charAt(0).toUpperCase() + spaced(name).slice(1);
}

/** `speaker_video` as `speaker video`. */
export function spaced(name: string): string {
  return name.replaceAll('_', ' ');
}

/** What a column says: `0:07.25 · +1.2 positive, 81 % sure · video observed · text synthesised`. */
export function columnText({ endMs, score, label, confidence, sources, alone }: Column): string {
  const sure = confidence === null ? '' : `, ${percent(confidence)} sure`;
  const told = score === null ? 'nothing to predict from' : `${signed(score.mean, 1)} ${label ?? ''}${sure}`;
  const from = Object.entries(sources).map(([name, source]) => `${spaced(name)} ${SOURCE_WORDS[source]}`);
  const each = Object.entries(alone).flatMap(([name, own]) =>
    own === null ? [] : [`${spaced(name)} alone ${signed(own, 1)}`],
  );
  return [clockTime(endMs, true), told, ...from, ...each].join(' · ');
}
