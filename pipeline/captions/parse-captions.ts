import { UndertoneError } from '../../models/errors.ts';
import { cueText } from './cue-text.ts';

export type CaptionFormat = 'vtt' | 'srt';

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
 * bad one, or know one format. Lenient: BOM, CRLF, missing hours, comma or dot, cue settings, missing blank lines.
 *
 * @throws UndertoneError `captions_unreadable`, naming the line, where nothing in the text is a cue.
 */
export function parseCaptions(text: string, format?: CaptionFormat): ParsedCaptions {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const hasHeader = /^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? '');
  const kind = hasHeader ? 'vtt' : (format ?? 'srt');
  const warnings: CaptionWarning[] = [];
  const warn = (index: number, message: string): void => void warnings.push({ line: index + 1, message });

  if (kind === 'vtt' && !hasHeader) warn(0, 'the WEBVTT header is missing');
  const segments: CaptionSegment[] = [];
  for (const block of cueBlocks(lines, kind, hasHeader ? afterHeader(lines) : 0, warn)) {
    const times = cueTimes(block.timing);
    if (typeof times === 'string') {
      warn(block.line, `cue skipped: ${times}`);
      continue;
    }
    if (times.startMs < 0) warn(block.line, 'negative cue time set to 0');
    const cue = cueText(block.payload.join('\n'));
    if (cue.text === '') {
      warn(block.line, 'cue skipped: it has no text');
      continue;
    }
    if (cue.text.length > MAX_TEXT) warn(block.line, `cue text cut to its last ${MAX_TEXT} characters`);
    segments.push({
      segment_id: `cue-${segments.length + 1}`,
      start_ms: Math.max(0, times.startMs),
      end_ms: times.endMs,
      text: cue.text.slice(-MAX_TEXT),
      ...(cue.speaker === undefined ? {} : { speaker: cue.speaker.slice(0, MAX_SPEAKER) }),
    });
  }
  if (segments.length === 0 && !(hasHeader && warnings.length === 0)) throw unreadable(lines, warnings);
  return { segments: segments.sort((a, b) => a.start_ms - b.start_ms), warnings };
}

interface CueBlock {
  /** Index of the timing line. */
  readonly line: number;
  readonly timing: string;
  readonly payload: readonly string[];
}

/** Every line with an arrow starts a cue, whose payload lasts until a blank line or the next cue. */
function* cueBlocks(
  lines: readonly string[],
  kind: CaptionFormat,
  from: number,
  warn: (index: number, message: string) => void,
): Generator<CueBlock> {
  let at = from;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.includes('-->')) {
      let end = at + 1;
      while (end < lines.length && !isBlank(lines[end]) && !(lines[end] ?? '').includes('-->')) end += 1;
      const ranIntoCue = (lines[end] ?? '').includes('-->');
      const identified = ranIntoCue && end > at + 1 && /^\s*\d+\s*$/.test(lines[end - 1] ?? '');
      yield { line: at, timing: line, payload: lines.slice(at + 1, identified ? end - 1 : end) };
      at = end;
    } else if (kind === 'vtt' && /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(line)) {
      while (at < lines.length && !isBlank(lines[at])) at += 1;
    } else {
      // The line before a timing line is the cue's identifier.
      if (!isBlank(line) && !(lines[at + 1] ?? '').includes('-->')) warn(at, 'text outside a cue ignored');
      at += 1;
    }
  }
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === '';
}

/** The header lasts until a blank line; a file that forgets it starts with a cue. */
function afterHeader(lines: readonly string[]): number {
  let at = 1;
  while (at < lines.length && !isBlank(lines[at]) && !(lines[at] ?? '').includes('-->')) at += 1;
  return at;
}

/** Hours are optional, the fraction has one to three digits after a dot or a comma. */
const TIMESTAMP = /^(-)?(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?$/;

function cueTimes(line: string): { readonly startMs: number; readonly endMs: number } | string {
  const [before = '', after = ''] = line.split('-->', 2);
  const [end = ''] = after.trim().split(/\s+/);
  const startMs = timestampMs(before.trim());
  const endMs = timestampMs(end);
  if (startMs === undefined) return `its start ${quote(before)} is not a time`;
  if (endMs === undefined) return `its end ${quote(end)} is not a time`;
  if (endMs < startMs) return 'it ends before it starts';
  if (endMs < 0) return 'it ends before 0';
  return { startMs, endMs };
}

function timestampMs(stamp: string): number | undefined {
  const match = TIMESTAMP.exec(stamp);
  if (match === null) return undefined;
  const [, sign, hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'));
  return sign === undefined ? ms : -ms;
}

function quote(text: string): string {
  const trimmed = text.trim().replace(/[^\x20-\x7E]/g, '?');
  return `'${trimmed.length > 24 ? `${trimmed.slice(0, 24)}...` : trimmed}'`;
}

function unreadable(lines: readonly string[], warnings: readonly CaptionWarning[]): UndertoneError {
  const first = warnings[0];
  const blank = lines.every((line) => isBlank(line));
  const why = blank ? 'line 1: the file is empty' : `line ${first?.line ?? 1}: ${first?.message ?? 'no cue found'}`;
  return new UndertoneError('captions_unreadable', `captions have no readable cue, ${why}; give WebVTT or SRT`);
}
