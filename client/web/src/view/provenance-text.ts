import { modalityWords } from './modality-words.ts';
import type { ModalityWords } from './modality-words.ts';
import type { Provenance, Result } from '../../../sdk/index.ts';

type Sentence = (words: ModalityWords, part: Provenance, from: string) => string;

const SENTENCES: Readonly<Record<Provenance['source'], Sentence>> = {
  observed: (words, part) =>
    part.isFinal === false
      ? `${words.title} ${are(words)} read as ${it(words)} ${words.plural ? 'come' : 'comes'}; the last words may still change.`
      : `${words.title} ${are(words)} observed.`,
  mixed: (words, part, from) =>
    `${words.title}: ${percent(part.coverage)} observed${because(words, part)}, the rest synthesised from ${from === '' ? 'what was seen' : from}.`,
  virtual: (words, part, from) =>
    `${gone(words, part)}: what ${it(words)} would tell is synthesised from ${from === '' ? 'what is left' : from}.`,
  absent: (words, part) =>
    `${gone(words, part)}, and nothing is left to synthesise ${words.plural ? 'them' : 'it'} from.`,
};

const OBSERVED: ReadonlySet<string> = new Set(['observed', 'mixed']);

/**
 * One sentence on what a modality's part in a reading was made from. The window of a stream that is switched `off` still
 * holds for a while what came before.
 */
export function provenanceSentence(name: string, modalities: Result['modalities'], off = false): string {
  const part = modalities[name];
  if (!part) return '';
  const words = modalityWords(name);
  if (off && part.source === 'observed')
    return `${words.title} ${words.plural ? 'were' : 'was'} observed until ${ago(part.ageMs ?? 0)} (${switchedOff(words)}).`;
  const others = Object.entries(modalities).filter(([other, { source }]) => other !== name && OBSERVED.has(source));
  const from = others.map(([other]) => modalityWords(other).the).join(' and ');
  return SENTENCES[part.source](words, part, from);
}

/** A few words for a stream's row. */
export function provenanceChip({ source, coverage, ageMs }: Provenance, off = false): string {
  if (off && OBSERVED.has(source)) return `observed until ${ago(ageMs ?? 0)}`;
  if (source === 'mixed') return `${percent(coverage)} observed`;
  return { observed: 'observed', virtual: 'synthesised', absent: 'nothing' }[source];
}

function gone(words: ModalityWords, part: Provenance): string {
  if (part.ageMs === null && part.cause === 'no_face') return 'No face in the picture yet';
  if (part.ageMs === null)
    return `No ${words.title.toLowerCase()} yet${part.cause === 'no_signal' ? '' : because(words, part)}`;
  return `${words.title} dropped ${ago(part.ageMs)}${because(words, part)}`;
}

const CAUSES: Readonly<Record<string, (words: ModalityWords) => string>> = {
  client_paused: (words) => switchedOff(words),
  network_gap: () => 'nothing arrives',
  decode_error: () => 'what arrives cannot be read',
  no_face: () => 'no face is in the picture',
  no_signal: () => 'nothing was received so far',
  silence: () => 'no words arrive',
  load_shed: () => 'the server is busy',
  injected: () => 'lost on purpose',
  ended: (words) => `${it(words)} ended`,
};

/** Where a part of the window is there, the cause of the rest is of the past or holds now and then. */
const CAUSES_IN_PART: Readonly<Record<string, (words: ModalityWords) => string>> = {
  ...CAUSES,
  client_paused: (words) => `${it(words)} ${words.plural ? 'were' : 'was'} switched off`,
  network_gap: () => 'some frames are missing',
  decode_error: () => 'some frames cannot be read',
  no_face: () => 'some frames have no face',
  no_signal: (words) => `${it(words)} began just now`,
  load_shed: () => 'the server leaves some frames out',
};

function because(words: ModalityWords, { cause, source }: Provenance): string {
  if (cause === null) return '';
  const causes = source === 'mixed' ? CAUSES_IN_PART : CAUSES;
  return ` (${causes[cause]?.(words) ?? cause.replaceAll('_', ' ')})`;
}

function switchedOff(words: ModalityWords): string {
  return `you switched ${words.plural ? 'them' : 'it'} off`;
}

function are(words: ModalityWords): string {
  return words.plural ? 'are' : 'is';
}

function it(words: ModalityWords): string {
  return words.plural ? 'they' : 'it';
}

/** `just now`, `3 s ago`, `2 min ago`. */
export function ago(ms: number): string {
  if (ms < 950) return 'just now';
  if (ms < 90_000) return `${Math.round(ms / 1000)} s ago`;
  return `${Math.round(ms / 60_000)} min ago`;
}

/** Only what is whole is 100 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return rounded === 100 && share < 1 ? 'over 99 %' : `${rounded} %`;
}

/** A score with its sign: `+1.4`, `−0.6`, `0.0`. */
export function signed(score: number): string {
  const rounded = Math.abs(score).toFixed(1);
  if (rounded === '0.0') return rounded;
  return `${score < 0 ? '−' : '+'}${rounded}`;
}
