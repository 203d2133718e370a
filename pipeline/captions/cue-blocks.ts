export type CaptionFormat = 'vtt' | 'srt';

export interface CueBlock {
  /** Index of the timing line. */
  readonly line: number;
  readonly timing: string;
  readonly payload: readonly string[];
}

/**
 * Every line with an arrow starts a cue, whose payload lasts until the next cue or a blank line: in WebVTT an empty one,
 * since a line of blanks is a row of the cue there.
 */
export function* cueBlocks(
  lines: readonly string[],
  kind: CaptionFormat,
  from: number,
  warn: (index: number, message: string) => void,
): Generator<CueBlock> {
  const endsPayload = (at: number): boolean => (kind === 'vtt' ? (lines[at] ?? '') === '' : isBlank(lines[at]));
  const isComment = (at: number): boolean =>
    kind === 'vtt' && /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(lines[at] ?? '');
  // The line before a timing line is the cue's identifier.
  const isStray = (at: number): boolean =>
    !isBlank(lines[at]) && !isComment(at) && !hasArrow(lines[at]) && !hasArrow(lines[at + 1]);
  const isNumber = (at: number): boolean => /^\s*\d+\s*$/.test(lines[at] ?? '');
  let at = from;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (hasArrow(line)) {
      // ffmpeg makes an empty line of a row of blanks above the words.
      let end = endsPayload(at + 1) && isStray(at + 2) && !isNumber(at + 2) ? at + 2 : at + 1;
      while (end < lines.length && !endsPayload(end) && !isTiming(lines[end])) end += 1;
      const ranIntoCue = isTiming(lines[end]);
      const identified = ranIntoCue && end > at + 1 && /^\s*\d+\s*$/.test(lines[end - 1] ?? '');
      yield { line: at, timing: line, payload: lines.slice(at + 1, identified ? end - 1 : end) };
      at = end;
    } else if (isComment(at)) {
      while (at < lines.length && !isBlank(lines[at])) at += 1;
    } else {
      if (isStray(at)) warn(at, 'text outside a cue ignored');
      at += 1;
    }
  }
}

/** The header lasts until a blank line; a file that forgets it starts with a cue. */
export function afterHeader(lines: readonly string[]): number {
  let at = 1;
  while (at < lines.length && !isBlank(lines[at]) && !hasArrow(lines[at])) at += 1;
  return at;
}

export function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === '';
}

function hasArrow(line: string | undefined): boolean {
  return line?.includes('-->') ?? false;
}

/** Words may have an arrow, too; those before the arrow of a timing line are a time. */
function isTiming(line: string | undefined): boolean {
  const arrow = line?.indexOf('-->') ?? -1;
  return arrow >= 0 && /\d:\d/.test(line?.slice(0, arrow) ?? '');
}
