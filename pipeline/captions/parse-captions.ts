import { UndertoneError } from '../../models/errors.ts';
import { afterHeader, cueBlocks, isBlank } from './cue-blocks.ts';
import { cueNames } from './cue-names.ts';
import { cueText } from './cue-text.ts';
import { joinHighlights } from './join-highlights.ts';
import { unrollCues } from './unroll-cues.ts';
import { keepEnd } from './words.ts';
import type { CaptionFormat } from './cue-blocks.ts';
import type { CueText } from './cue-text.ts';
import type { Cue } from './unroll-cues.ts';

export type { CaptionFormat } from './cue-blocks.ts';

/** One cue, in the field names of the protocol's `caption`. */
export interface CaptionSegment {
  /** Unique within the file. */
  readonly segment_id: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly speaker?: string;
}

/** Something in the file that was left out or repaired. */
export interface CaptionWarning {
  /** Counts from 1. */
  readonly line: number;
  readonly message: string;
}

export interface ParsedCaptions {
  /** By start, then in the order of the file; they may overlap or have no length. */
  readonly segments: readonly CaptionSegment[];
  readonly warnings: readonly CaptionWarning[];
}

/** The protocol's longest caption text and speaker. */
const MAX_TEXT = 4096;
const MAX_SPEAKER = 128;

/**
 * Reads WebVTT or SRT; the format is told from the content when absent.
 *
 * One reader serves both formats because they differ in the header and the decimal sign only, and because every cue
 * must either come out or be reported with its line: the parsers at hand drop cues without a word, stop at the first
 * bad one, or know one format. Lenient: BOM, CRLF, also where Windows made CRCRLF of it, missing hours, comma or dot, cue
 * settings, missing blank lines.
 *
 * @param wordsOf the words in a cue's tidy text, where some of it is none; a cue without them is left out and not
 * told of
 * @throws UndertoneError `captions_unreadable`, naming the line, where nothing in the text is a cue; those without words are.
 */
export function parseCaptions(text: string, format?: CaptionFormat, wordsOf?: (cue: string) => string): ParsedCaptions {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\r?\n|\r/);
  const hasHeader = /^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? '');
  const kind = hasHeader ? 'vtt' : (format ?? 'srt');
  const warnings: CaptionWarning[] = [];
  const warn = (index: number, message: string): void => void warnings.push({ line: index + 1, message });

  if (kind === 'vtt' && !hasHeader) warn(0, 'the WEBVTT header is missing');
  const read = (payload: readonly string[]): CueText => {
    const said = cueText(payload.join('\n'));
    return wordsOf === undefined ? said : { ...said, text: wordsOf(said.text) };
  };
  const timed: Cue[] = [];
  const from = hasHeader ? afterHeader(lines) : 0;
  for (const { line, timing, payload } of cueBlocks(lines, kind, from, warn)) {
    const times = cueTimes(timing);
    if (typeof times === 'string') {
      warn(line, `cue skipped: ${times}`);
      continue;
    }
    if (times.startMs < 0) warn(line, 'negative cue time set to 0');
    timed.push({ line, startMs: Math.max(0, times.startMs), endMs: times.endMs, payload, said: read(payload) });
  }
  const leftOut = ([first, ...others]: readonly Cue[], message: (of: string) => string): void => {
    if (first !== undefined) warn(first.line, message(others.length === 0 ? 'a cue' : `${others.length + 1} cues`));
  };
  const joined = joinHighlights(timed);
  leftOut(joined.repeating, (of) => `words are highlighted one by one: what ${of} showed again was left out`);
  const { cues, repeating } = unrollCues(joined.cues, read);
  leftOut(repeating, (of) => `these captions roll: lines that ${of} showed again were left out`);
  const named = cueNames(cues.map(({ said }) => said.text));
  const withName: Cue[] = [];
  const twice: Cue[] = [];
  const known = new Set<string>();
  const segments: CaptionSegment[] = [];
  for (const cue of cues) {
    const { line, startMs, endMs, said } = cue;
    const { text: whole, speaker: voice } = said;
    if (whole === '') {
      if (wordsOf === undefined) warn(line, 'cue skipped: it has no text');
      continue;
    }
    const { name, words } = named(whole) ?? { name: undefined, words: whole };
    if (name !== undefined) withName.push(cue);
    const speaker = voice ?? name;
    const key = JSON.stringify([startMs, endMs, speaker, words]);
    if (known.has(key)) {
      twice.push(cue);
      continue;
    }
    known.add(key);
    if (words.length > MAX_TEXT) warn(line, `cue text cut to its last ${MAX_TEXT} characters`);
    segments.push({
      segment_id: `cue-${segments.length + 1}`,
      start_ms: startMs,
      end_ms: endMs,
      text: keepEnd(words, MAX_TEXT),
      ...(speaker === undefined ? {} : { speaker: speaker.slice(0, MAX_SPEAKER) }),
    });
  }
  leftOut(withName, (of) => `names of speakers before the words of ${of} were left out`);
  leftOut(twice, (of) => `left out ${of} with the words of another at the same time`);
  if (timed.length === 0 && !(hasHeader && warnings.length === 0)) throw unreadable(lines, warnings);
  warnings.push(...otherClock(lines.slice(0, from)));
  return {
    segments: segments.sort((a, b) => a.start_ms - b.start_ms),
    warnings: warnings.sort((a, b) => a.line - b.line),
  };
}

/** Hours are optional, the fraction has up to nine digits after a dot or a comma. */
const TIMESTAMP = /^(-)?(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?$/;

function cueTimes(line: string): { readonly startMs: number; readonly endMs: number } | string {
  const [before = '', after = ''] = line.split('-->', 2);
  const [end = ''] = after.trim().split(/\s+/);
  const startMs = timestampMs(before.trim());
  const endMs = timestampMs(end);
  if (startMs === undefined) return `its start${quote(before)} is not a time`;
  if (endMs === undefined) return `its end${quote(end)} is not a time`;
  if (endMs < startMs) return 'it ends before it starts';
  if (endMs < 0) return 'it ends before 0';
  return { startMs, endMs };
}

function timestampMs(stamp: string): number | undefined {
  const match = TIMESTAMP.exec(stamp);
  if (match === null) return undefined;
  const [, sign, hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const wholeMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  const ms = wholeMs + Math.round(1000 * Number(`0.${fraction}`));
  return sign === undefined ? ms : -ms;
}

/** Of what was meant for a time, and of no words: warnings are written down, and what is said is not. */
function quote(text: string): string {
  const trimmed = text.trim();
  return /^[\d:.,-]{0,24}$/.test(trimmed) ? ` '${trimmed}'` : '';
}

/**
 * Part of a stream (RFC 8216, 3.5), WebVTT has a header that says where its clock stands on that of the video. A file of its
 * own has no stream to take the video's from.
 */
function otherClock(header: readonly string[]): CaptionWarning[] {
  return header.flatMap((text, index) => {
    const map = /^X-TIMESTAMP-MAP=(.*)$/.exec(text)?.[1];
    if (map === undefined) return [];
    const streamMs = Number(/\bMPEGTS:(\d+)/.exec(map)?.[1] ?? 0) / 90;
    const offsetMs = Math.round(streamMs - (timestampMs(/\bLOCAL:([\d:.]+)/.exec(map)?.[1] ?? '') ?? 0));
    if (offsetMs === 0) return [];
    const moved = `${Math.abs(offsetMs)} ms ${offsetMs > 0 ? 'later' : 'earlier'}`;
    const message = `X-TIMESTAMP-MAP is not used, by which times are ${moved} on the clock of a stream; check that they fit the video`;
    return [{ line: index + 1, message }];
  });
}

function unreadable(lines: readonly string[], warnings: readonly CaptionWarning[]): UndertoneError {
  const first = warnings[0];
  const blank = lines.every((line) => isBlank(line));
  const why = blank ? 'line 1: the file is empty' : `line ${first?.line ?? 1}: ${first?.message ?? 'no cue found'}`;
  return new UndertoneError('captions_unreadable', `captions have no readable cue, ${why}; give WebVTT or SRT`);
}
